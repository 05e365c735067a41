"""The public Azure regions: what they are called, their zones and what they offer.

Written once, in November 2026, from a collection of public sources: names, display
names and zones from the cached answer of "list locations" in
github.com/Azure/terraform-azurerm-avm-utl-regions (2026-03-12); connected groups from
the region list in Microsoft's Virtual Network Manager limitations (2026-09-16).
Zones are the logical zones of one subscription: an empty tuple means none.
"""

from typing import NamedTuple


class Region(NamedTuple):
    """One region as Azure Resource Manager describes it."""

    name: str
    display_name: str
    geography: str
    zones: tuple[str, ...]
    connected_groups: bool


_THREE = ("1", "2", "3")

_ALL = (
    Region("australiacentral", "Australia Central", "Asia Pacific", (), connected_groups=True),
    Region("australiacentral2", "Australia Central 2", "Asia Pacific", (), connected_groups=True),
    Region("australiaeast", "Australia East", "Asia Pacific", _THREE, connected_groups=True),
    Region("australiasoutheast", "Australia Southeast", "Asia Pacific", (), connected_groups=True),
    Region("austriaeast", "Austria East", "Europe", _THREE, connected_groups=False),
    Region("belgiumcentral", "Belgium Central", "Europe", _THREE, connected_groups=False),
    Region("brazilsouth", "Brazil South", "South America", _THREE, connected_groups=True),
    Region("brazilsoutheast", "Brazil Southeast", "South America", (), connected_groups=False),
    Region("canadacentral", "Canada Central", "Canada", _THREE, connected_groups=True),
    Region("canadaeast", "Canada East", "Canada", (), connected_groups=True),
    Region("centralindia", "Central India", "Asia Pacific", _THREE, connected_groups=True),
    Region("centralus", "Central US", "US", _THREE, connected_groups=True),
    Region("chilecentral", "Chile Central", "South America", _THREE, connected_groups=False),
    Region("denmarkeast", "Denmark East", "Europe", _THREE, connected_groups=False),
    Region("eastasia", "East Asia", "Asia Pacific", _THREE, connected_groups=True),
    Region("eastus", "East US", "US", _THREE, connected_groups=True),
    Region("eastus2", "East US 2", "US", _THREE, connected_groups=True),
    Region("francecentral", "France Central", "Europe", _THREE, connected_groups=True),
    Region("francesouth", "France South", "Europe", (), connected_groups=False),
    Region("germanynorth", "Germany North", "Europe", (), connected_groups=False),
    Region("germanywestcentral", "Germany West Central", "Europe", _THREE, connected_groups=True),
    Region("indonesiacentral", "Indonesia Central", "Asia Pacific", _THREE, connected_groups=False),
    Region("israelcentral", "Israel Central", "Middle East", _THREE, connected_groups=False),
    Region("italynorth", "Italy North", "Europe", _THREE, connected_groups=False),
    Region("japaneast", "Japan East", "Asia Pacific", _THREE, connected_groups=True),
    Region("japanwest", "Japan West", "Asia Pacific", _THREE, connected_groups=True),
    Region("jioindiacentral", "Jio India Central", "Asia Pacific", (), connected_groups=False),
    Region("jioindiawest", "Jio India West", "Asia Pacific", (), connected_groups=False),
    Region("koreacentral", "Korea Central", "Asia Pacific", _THREE, connected_groups=True),
    Region("koreasouth", "Korea South", "Asia Pacific", (), connected_groups=True),
    Region("malaysiawest", "Malaysia West", "Asia Pacific", _THREE, connected_groups=False),
    Region("mexicocentral", "Mexico Central", "Mexico", _THREE, connected_groups=True),
    Region("newzealandnorth", "New Zealand North", "Asia Pacific", _THREE, connected_groups=False),
    Region("northcentralus", "North Central US", "US", (), connected_groups=True),
    Region("northeurope", "North Europe", "Europe", _THREE, connected_groups=True),
    Region("norwayeast", "Norway East", "Europe", _THREE, connected_groups=True),
    Region("norwaywest", "Norway West", "Europe", (), connected_groups=False),
    Region("polandcentral", "Poland Central", "Europe", _THREE, connected_groups=False),
    Region("qatarcentral", "Qatar Central", "Middle East", _THREE, connected_groups=True),
    Region("southafricanorth", "South Africa North", "Africa", _THREE, connected_groups=True),
    Region("southafricawest", "South Africa West", "Africa", (), connected_groups=False),
    Region("southcentralus", "South Central US", "US", _THREE, connected_groups=True),
    Region("southeastasia", "Southeast Asia", "Asia Pacific", _THREE, connected_groups=True),
    Region("southindia", "South India", "Asia Pacific", (), connected_groups=True),
    Region("spaincentral", "Spain Central", "Europe", _THREE, connected_groups=False),
    Region("swedencentral", "Sweden Central", "Europe", _THREE, connected_groups=True),
    Region("switzerlandnorth", "Switzerland North", "Europe", _THREE, connected_groups=True),
    Region("switzerlandwest", "Switzerland West", "Europe", (), connected_groups=True),
    Region("uaecentral", "UAE Central", "Middle East", (), connected_groups=False),
    Region("uaenorth", "UAE North", "Middle East", _THREE, connected_groups=True),
    Region("uksouth", "UK South", "UK", _THREE, connected_groups=True),
    Region("ukwest", "UK West", "UK", (), connected_groups=True),
    Region("westcentralus", "West Central US", "US", (), connected_groups=True),
    Region("westeurope", "West Europe", "Europe", _THREE, connected_groups=True),
    Region("westindia", "West India", "Asia Pacific", (), connected_groups=True),
    Region("westus", "West US", "US", (), connected_groups=True),
    Region("westus2", "West US 2", "US", _THREE, connected_groups=True),
    Region("westus3", "West US 3", "US", _THREE, connected_groups=True),
)

# Where Microsoft tries what is new (2026-03-12, the same source). Requests may name them,
# lists do not (recording NetworkManagerRoutingRuleCRUD: a network manager in centraluseuap).
_EARLY_ACCESS = (
    Region("centraluseuap", "Central US EUAP", "US", (), connected_groups=True),
    Region("eastus2euap", "East US 2 EUAP", "US", (*_THREE, "4"), connected_groups=True),
)

# The regions that lists show, and all that a resource may live in.
REGIONS: dict[str, Region] = {region.name: region for region in _ALL}
PLACES: dict[str, Region] = {**REGIONS, **{region.name: region for region in _EARLY_ACCESS}}

_NAMES = {region.display_name.lower(): region.name for region in PLACES.values()}


def region_name(location: str) -> str:
    """Return the short name of a region given as "West Europe" or "westeurope"."""
    lowered = location.lower()
    return _NAMES.get(lowered, lowered.replace(" ", ""))
