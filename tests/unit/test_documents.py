"""The documents say what the code says: links, settings, tables, payloads, rules, decisions."""

import configparser
import re
from pathlib import Path

import pytest

from gateway.config import PREFIX, Settings
from gateway.domain.reference import Parameters
from gateway.formats import contract
from gateway.persistence.tables import metadata

TOP = Path(__file__).parents[2]
DOCUMENTS = sorted([*TOP.glob("*.md"), *(TOP / "docs").rglob("*.md")])
DECISIONS = sorted((TOP / "docs" / "decisions").glob("*.md"))
OPERATIONS = TOP / "docs" / "operations.md"
MAPPING = TOP / "docs" / "mapping"

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
RULE = re.compile(r"\b(?:STK|RSN|ADJ|UIN|TPL|SEC|PUB|IVL|BAL|WST)-\d\d\b")
HEADINGS = ["Status", "Context", "Decision", "Consequences", "Alternatives refused"]

# Put together from parts, so that this file does not hold what it looks for.
FORBIDDEN = [
    *("../sha" + "red", "/wo" + "rk/", "/tm" + "p/", "see" + "ds/"),
    *("pyp" + "i.org", "registry.npm" + "js", "deb.deb" + "ian"),
    *("TO" + "DO", "FIX" + "ME", "seam" + "less", "blaz" + "ing", "cutting-" + "edge", "world-" + "class"),
]


def name(path: Path) -> str:
    return str(path.relative_to(TOP))


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.+?)\s*$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)


def slug(heading: str) -> str:
    """The anchor that a forge gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def rows(text: str) -> list[list[str]]:
    """The cells of every table row below its heading."""
    lines = [line.strip() for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not line.startswith("|--")]


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one."""
    start = re.search(rf"^#+ {re.escape(heading)}\s*$", text, re.MULTILINE)
    assert start is not None, f"no section {heading}"
    rest = text[start.end() :]
    following = re.search(r"^#+ ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in LINK.findall(CODE.sub("", document.read_text("utf-8"))):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        assert file.exists(), f"{target} leads nowhere"
        if anchor:
            anchors = {slug(heading) for heading in headings(file.read_text("utf-8"))}
            assert anchor in anchors, f"{target}: there is no such heading"


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_no_document_names_what_is_not_part_of_the_project(document: Path) -> None:
    text = document.read_text("utf-8").casefold()
    assert [word for word in FORBIDDEN if word.casefold() in text] == []


def test_every_rule_that_a_document_names_is_known_to_code_or_tests() -> None:
    here = Path(__file__)
    sources = [*(TOP / "gateway").rglob("*.py"), *(TOP / "tests").rglob("*.py")]
    known = {rule for source in sources if source != here for rule in RULE.findall(source.read_text("utf-8"))}
    named = {rule: name(document) for document in DOCUMENTS for rule in RULE.findall(document.read_text("utf-8"))}
    assert {rule: document for rule, document in named.items() if rule not in known} == {}


def test_every_setting_stands_in_the_operations_guide_with_its_default() -> None:
    table = rows(section(OPERATIONS.read_text("utf-8"), "Settings"))
    written = {row[0].strip("`"): row[1].strip("`") for row in table if row[0].startswith(f"`{PREFIX}")}
    expected = {}
    for field_name, field in Settings.model_fields.items():
        default = field.default
        if default is None:
            shown = "unset"
        elif isinstance(default, bool):
            shown = str(int(default))
        else:
            shown = "empty" if default == () else str(default)
        expected[f"{PREFIX}{field_name.upper()}"] = shown
    assert written == expected


def test_every_parameter_stands_in_the_operations_guide_with_its_default() -> None:
    table = rows(section(OPERATIONS.read_text("utf-8"), "Parameters"))
    written = {row[0].strip("`"): row[1] for row in table[1:]}
    defaults = Parameters()
    expected = {}
    for field_name in Parameters.__dataclass_fields__:
        value = getattr(defaults, field_name)
        expected[field_name] = ("on" if value else "off") if isinstance(value, bool) else str(value)
    assert written == expected


def test_every_logged_event_of_the_operations_guide_is_logged() -> None:
    code = "\n".join(source.read_text("utf-8") for source in (TOP / "gateway").rglob("*.py"))
    table = rows(section(OPERATIONS.read_text("utf-8"), "Log"))[1:]
    events = [event for row in table for event in re.findall(r"`([^`]+)`", row[0])]
    assert events
    assert [event for event in events if f'"{event}"' not in code] == []


def test_every_table_stands_in_the_mapping_with_its_columns() -> None:
    text = (MAPPING / "tables.md").read_text("utf-8")
    for table in metadata.sorted_tables:
        written = [re.findall(r"`([^`]+)`", row[0])[0] for row in rows(section(text, f"`{table.name}`"))[1:]]
        assert written == list(table.columns.keys()), table.name


def payloads() -> list[tuple[str, str]]:
    """Document and name of every payload of our services."""
    own = {"InvAdjustDesc", "ServiceOpStatus"}
    types = [contract_name for contract_name in contract.xsd_names() if contract_name.startswith(("StrAdj", "NslQty"))]
    ours = [*types, "InvocationSuccess"]
    return [("inventory-adjustment-service.md", one) for one in ours if one not in own] + [
        ("inv-adjust-desc.md", "InvAdjustDesc")
    ]


@pytest.mark.parametrize(("document", "payload"), payloads())
def test_every_member_of_a_payload_stands_in_the_mapping_in_order(document: str, payload: str) -> None:
    text = (MAPPING / document).read_text("utf-8")
    waiting = [(payload, f"`{payload}`")]
    while waiting:
        type_name, heading = waiting.pop()
        fields = contract.payload_fields(payload, type_name)
        written = [row[1].strip("`") for row in rows(section(text, heading))[1:]]
        assert written == [field.name for field in fields], type_name
        for field in fields:
            if not field.base and field.type_name not in contract.xsd_names():
                # A type within the payload's own schema.
                inner = f"`{field.type_name}`"
                in_payload = f"{inner} (in `{payload}`)"
                waiting.append((field.type_name, in_payload if in_payload in headings(text) else inner))


@pytest.mark.parametrize("decision", DECISIONS, ids=name)
def test_every_decision_says_what_was_decided_and_at_what_price(decision: Path) -> None:
    title, *parts = headings(decision.read_text("utf-8"))
    assert title.startswith(f"{decision.name[:4]}: ")
    assert parts == HEADINGS
    assert "- Bad: " in section(decision.read_text("utf-8"), "Consequences"), "every decision has a price"


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(decision.name[:4]) for decision in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_floors_are_those_that_the_checker_keeps() -> None:
    setup = configparser.ConfigParser()
    setup.read(TOP / "setup.cfg", "utf-8")
    kept = [line.strip() for line in setup["importlinter:contract:floors"]["layers"].split("\n") if line.strip()]
    picture = section((TOP / "docs" / "architecture.md").read_text("utf-8"), "Floors")
    drawn = re.findall(r"^\d  (\w+(?: \| \w+)*)", picture, re.MULTILINE)
    assert drawn == kept


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_module_that_a_document_names_exists(document: Path) -> None:
    for module in re.findall(r"`((?:\w+/)+\w+\.py)`", document.read_text("utf-8")):
        assert any((folder / module).exists() for folder in (TOP, TOP / "gateway")), f"there is no {module}"


def test_every_document_that_the_code_refers_to_exists() -> None:
    sources = [*(TOP / "gateway").rglob("*.py"), *(TOP / "bench").rglob("*.py")]
    for source in sources:
        for document in re.findall(r"\bdocs/[\w./-]+\.md", source.read_text("utf-8")):
            assert (TOP / document).exists(), f"{name(source)} refers to {document}"
