import json
from pathlib import Path
from typing import Any

import pytest

from yusuan.publish.arrow import to_arrow
from yusuan.publish.package import table_schema
from yusuan.publish.release import publish
from yusuan.schemas import tables


@pytest.fixture
def package(tmp_path: Path) -> dict[str, Any]:
    publish(tmp_path, tables(), {name: to_arrow(table, []) for name, table in tables().items()}, excel=True)
    loaded: dict[str, Any] = json.loads((tmp_path / "datapackage.json").read_text("utf-8"))
    for resource in loaded["resources"]:
        for entry in (resource, resource["parquet"], resource["excel"]):
            assert (tmp_path / entry["path"]).stat().st_size == entry["bytes"]
    return loaded


def test_every_table_is_a_resource_with_its_columns(package: dict[str, Any]) -> None:
    assert [resource["name"] for resource in package["resources"]] == list(tables())
    for resource in package["resources"]:
        table = tables()[resource["name"]]
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == [column.name for column in table.columns]
        assert [field["title"] for field in fields] == [column.title for column in table.columns]
        assert resource["schema"]["primaryKey"] == list(table.key)


def test_foreign_keys_name_resources_and_fields_that_exist(package: dict[str, Any]) -> None:
    fields = {
        resource["name"]: {field["name"] for field in resource["schema"]["fields"]} for resource in package["resources"]
    }
    count = 0
    for resource in package["resources"]:
        for key in resource["schema"].get("foreignKeys", []):
            target = key["reference"]["resource"] or resource["name"]
            assert set(key["fields"]) <= fields[resource["name"]]
            assert set(key["reference"]["fields"]) <= fields[target]
            count += 1
    assert count > 10


def test_without_cells_nothing_refers_to_them() -> None:
    present = [name for name in tables() if name != "cells"]
    for name in present:
        for key in table_schema(tables()[name], present).get("foreignKeys", []):
            assert key["reference"]["resource"] != "cells"


def test_enums_and_required_columns_become_constraints() -> None:
    fields = {field["name"]: field for field in table_schema(tables()["documents"], list(tables()))["fields"]}
    assert fields["status"]["constraints"] == {"required": True, "enum": ["ok", "partial", "empty", "failed"]}
    assert fields["document_id"]["constraints"] == {"required": True, "unique": True}
    assert "constraints" not in fields["title"]
    assert {name: fields[name]["type"] for name in ("bytes", "coverage", "published_on", "path")} == {
        "bytes": "integer", "coverage": "number", "published_on": "date", "path": "string",
    }  # fmt: skip
