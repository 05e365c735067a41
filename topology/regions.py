"""What Azure says of its public regions: where they are, which zones they have.

Sources: the locations that Resource Manager listed on 2026-03-12, as cached by
Azure/terraform-azurerm-avm-utl-regions; connected groups from Microsoft's
"concept-limitations" of Virtual Network Manager, 2026-09-16.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt


@dataclass(frozen=True)
class AzureRegion:
    """One public region.

    `zones` are the logical zones, empty where Azure offers none;
    `connected_groups` says whether Azure lists the region for AVNM's meshes.
    """

    name: str
    display_name: str
    geography: str
    latitude: float
    longitude: float
    zones: tuple[str, ...]
    connected_groups: bool


# fmt: off
_ROWS = (
    ("australiacentral", "Australia Central", "Asia Pacific", -35.3075, 149.1244, "", True),
    ("australiacentral2", "Australia Central 2", "Asia Pacific", -35.3075, 149.1244, "", True),
    ("australiaeast", "Australia East", "Asia Pacific", -33.86, 151.2094, "123", True),
    ("australiasoutheast", "Australia Southeast", "Asia Pacific", -37.8136, 144.9631, "", True),
    ("austriaeast", "Austria East", "Europe", 48.2092056, 16.3727779, "123", False),
    ("belgiumcentral", "Belgium Central", "Europe", 50.84553528, 4.355707169, "123", False),
    ("brazilsouth", "Brazil South", "South America", -23.55, -46.633, "123", True),
    ("brazilsoutheast", "Brazil Southeast", "South America", -22.90278, -43.2075, "", False),
    ("canadacentral", "Canada Central", "Canada", 43.653, -79.383, "123", True),
    ("canadaeast", "Canada East", "Canada", 46.817, -71.217, "", True),
    ("centralindia", "Central India", "Asia Pacific", 18.5822, 73.9197, "123", True),
    ("centralus", "Central US", "US", 41.5908, -93.6208, "123", True),
    ("chilecentral", "Chile Central", "South America", -33.447487, -70.673676, "123", False),
    ("denmarkeast", "Denmark East", "Europe", 55.67594, 12.56553, "123", False),
    ("eastasia", "East Asia", "Asia Pacific", 22.267, 114.188, "123", True),
    ("eastus", "East US", "US", 37.3719, -79.8164, "123", True),
    ("eastus2", "East US 2", "US", 36.6681, -78.3889, "123", True),
    ("francecentral", "France Central", "Europe", 46.3772, 2.373, "123", True),
    ("francesouth", "France South", "Europe", 43.8345, 2.1972, "", False),
    ("germanynorth", "Germany North", "Europe", 53.073635, 8.806422, "", False),
    ("germanywestcentral", "Germany West Central", "Europe", 50.110924, 8.682127, "123", True),
    ("indonesiacentral", "Indonesia Central", "Asia Pacific", -6.2, 106.816666, "123", False),
    ("israelcentral", "Israel Central", "Middle East", 31.2655698, 33.4506633, "123", False),
    ("italynorth", "Italy North", "Europe", 45.46888, 9.18109, "123", False),
    ("japaneast", "Japan East", "Asia Pacific", 35.68, 139.77, "123", True),
    ("japanwest", "Japan West", "Asia Pacific", 34.6939, 135.5022, "123", True),
    ("jioindiacentral", "Jio India Central", "Asia Pacific", 21.146633, 79.08886, "", False),
    ("jioindiawest", "Jio India West", "Asia Pacific", 22.470701, 70.05773, "", False),
    ("koreacentral", "Korea Central", "Asia Pacific", 37.5665, 126.978, "123", True),
    ("koreasouth", "Korea South", "Asia Pacific", 35.1796, 129.0756, "", True),
    ("malaysiawest", "Malaysia West", "Asia Pacific", 3.140853, 101.693207, "123", False),
    ("mexicocentral", "Mexico Central", "Mexico", 20.588818, -100.389888, "123", True),
    ("newzealandnorth", "New Zealand North", "Asia Pacific", -36.84853, 174.76349, "123", False),
    ("northcentralus", "North Central US", "US", 41.8819, -87.6278, "", True),
    ("northeurope", "North Europe", "Europe", 53.3478, -6.2597, "123", True),
    ("norwayeast", "Norway East", "Europe", 59.913868, 10.752245, "123", True),
    ("norwaywest", "Norway West", "Europe", 58.969975, 5.733107, "", False),
    ("polandcentral", "Poland Central", "Europe", 52.23334, 21.01666, "123", False),
    ("qatarcentral", "Qatar Central", "Middle East", 25.551462, 51.439327, "123", True),
    ("southafricanorth", "South Africa North", "Africa", -25.73134, 28.21837, "123", True),
    ("southafricawest", "South Africa West", "Africa", -34.075691, 18.843266, "", False),
    ("southcentralus", "South Central US", "US", 29.4167, -98.5, "123", True),
    ("southeastasia", "Southeast Asia", "Asia Pacific", 1.283, 103.833, "123", True),
    ("southindia", "South India", "Asia Pacific", 12.9822, 80.1636, "", True),
    ("spaincentral", "Spain Central", "Europe", 40.4259, 3.4209, "123", False),
    ("swedencentral", "Sweden Central", "Europe", 60.67488, 17.14127, "123", True),
    ("switzerlandnorth", "Switzerland North", "Europe", 47.451542, 8.564572, "123", True),
    ("switzerlandwest", "Switzerland West", "Europe", 46.204391, 6.143158, "", True),
    ("uaecentral", "UAE Central", "Middle East", 24.466667, 54.366669, "", False),
    ("uaenorth", "UAE North", "Middle East", 25.266666, 55.316666, "123", True),
    ("uksouth", "UK South", "UK", 50.941, -0.799, "123", True),
    ("ukwest", "UK West", "UK", 53.427, -3.084, "", True),
    ("westcentralus", "West Central US", "US", 40.89, -110.234, "", True),
    ("westeurope", "West Europe", "Europe", 52.3667, 4.9, "123", True),
    ("westindia", "West India", "Asia Pacific", 19.088, 72.868, "", True),
    ("westus", "West US", "US", 37.783, -122.417, "", True),
    ("westus2", "West US 2", "US", 47.233, -119.852, "123", True),
    ("westus3", "West US 3", "US", 33.448376, -112.074036, "123", True),
)
# fmt: on

AZURE_REGIONS: dict[str, AzureRegion] = {
    row[0]: AzureRegion(row[0], row[1], row[2], row[3], row[4], tuple(row[5]), row[6])
    for row in _ROWS
}


def distance_km(one: str, other: str) -> int:
    """Return the kilometres between two regions, along a great circle of the earth."""
    first, second = AZURE_REGIONS[one], AZURE_REGIONS[other]
    north, south = radians(first.latitude), radians(second.latitude)
    east = radians(second.longitude - first.longitude)
    half = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(east / 2) ** 2
    return round(2 * _EARTH_RADIUS_KM * asin(sqrt(half)))


def length_km(regions: Iterable[str]) -> int:
    """Return how far it is from region to region; of regions that are not known nothing is."""
    known = (region for region in regions if region in AZURE_REGIONS)
    return sum(distance_km(one, other) for one, other in pairwise(known))


_EARTH_RADIUS_KM = 6371
