"""Who may sign in, as an operator writes it down."""

from pathlib import Path

import pytest

from simulator.principal_input import load_principals
from simulator.principals import FederatedCredential


def _written(folder: Path, text: str) -> Path:
    file = folder / "principals.yaml"
    file.write_text(text)
    return file


def test_principals_are_read_with_whom_they_trust(tmp_path: Path) -> None:
    """A role and a secret may be left out."""
    text = "[{client_id: a, object_id: b, federated: [{issuer: i, subject: s}]}]"
    (who,) = load_principals(_written(tmp_path, text))
    assert (who.role, who.secret, who.shown_name) == (None, "", "a")
    assert who.federated == (FederatedCredential("i", "s"),)


def test_no_file_is_nobody_else() -> None:
    """The operator is there all the same."""
    assert load_principals(None) == ()


_WRONG = [
    ("[{client_id: a}]", "principals[0].object_id: Field required"),
    ("[{client_id: a, object_id: b, rol: Reader}]", "principals[0].rol: "),
    ("[{client_id: a, object_id: b, role: Boss}]", "principals[0].role: 'Boss' is none of Owner"),
    ("[{client_id: a, object_id: b}, {client_id: A, object_id: c}]", "principals[1].client_id"),
    ("[{client_id: a", "is not YAML"),
]


@pytest.mark.parametrize(("text", "words"), _WRONG)
def test_what_makes_no_sense_is_told_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    """File, place and what is wrong."""
    file = _written(tmp_path, text)
    with pytest.raises(ValueError, match="principals") as refused:
        load_principals(file)
    assert str(refused.value).startswith(f"{file}: ")
    assert words in str(refused.value)
