"""Artifacts, variables and blocks: written and read by stock calls, also from inside a flow."""

import asyncio

from checks import check, client, equal, flow_run_of, prefect, run

from prefect import flow, task
from prefect.artifacts import (
    Artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.blocks.core import Block
from prefect.blocks.system import Secret
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, ArtifactFilterKey
from prefect.variables import Variable
from pydantic import SecretStr


class CompatGate(Block):
    _block_type_name = "Compat Gate"
    address: str
    code: SecretStr
    secret: Secret | None = None

    def greet(self):
        return f"{self.address}/{self.code.get_secret_value()}"


@task
def report():
    create_table_artifact(table=[{"a": 1, "b": None}], key="compat-table", description="a table")


@flow
def writes():
    create_markdown_artifact("# Title\nwords", key="compat-text", description="first")
    create_markdown_artifact("# Title\nother words", key="compat-text", description="second")
    create_link_artifact("http://127.0.0.1/x", link_text="there", key="compat-link")
    identity = create_progress_artifact(10.0, key="compat-progress")
    update_progress_artifact(identity, 60.0)
    report()


def artifacts():
    stored = flow_run_of(writes(return_state=True))
    text = Artifact.get("compat-text")
    equal(
        (text.data, text.description, text.flow_run_id),
        ("# Title\nother words", "second", stored.id),
        "latest artifact",
    )
    equal(Artifact.get("compat-progress").data, 60.0, "progress")
    check(Artifact.get("compat-table").task_run_id is not None, "an artifact of a task knows its task run")
    only = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[stored.id]))
    with client() as api:
        kinds = sorted(item.type for item in api.read_artifacts(artifact_filter=only) if item.type != "result")
        equal(kinds, ["markdown", "markdown", "markdown", "progress", "table"], "artifacts of the run")
        keyed = api.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["compat-text"])))
        equal(len(keyed), 2, "both versions are kept")
    listing = prefect("artifact", "ls")
    check("compat-table" in listing, "`artifact ls`")
    check("other words" in prefect("artifact", "inspect", "compat-text"), "`artifact inspect`")


def variables():
    equal(Variable.get("compat_none", default="nothing"), "nothing", "default of a variable")
    Variable.set("compat_depth", {"metres": [1, 2.5, None]}, tags=["compat"])
    equal(Variable.get("compat_depth"), {"metres": [1, 2.5, None]}, "a variable")
    try:
        Variable.set("compat_depth", 2)
        check(False, "setting twice needs overwrite")
    except ValueError:
        pass
    Variable.set("compat_depth", 12, overwrite=True)
    equal(Variable.get("compat_depth"), 12, "an overwritten variable")
    check("compat_depth" in prefect("variable", "ls"), "`variable ls`")
    Variable.unset("compat_depth")
    equal(Variable.get("compat_depth"), None, "a deleted variable")


def blocks():
    Secret(value="hush hush").save("compat-secret")
    equal(Secret.load("compat-secret").get(), "hush hush", "a Secret")
    with client() as api:
        hidden = api.read_block_document_by_name("compat-secret", "secret", include_secrets=False)
        equal(hidden.data["value"], "********", "a secret that is not asked for")
    Secret(value={"user": "a", "parts": [1, 2]}).save("compat-secret", overwrite=True)
    equal(Secret.load("compat-secret").get(), {"user": "a", "parts": [1, 2]}, "an overwritten Secret")
    try:
        Secret(value="x").save("compat-secret")
        check(False, "saving twice needs overwrite")
    except ValueError:
        pass
    gate = CompatGate(address="north", code="1234", secret=Secret.load("compat-secret"))
    gate.save("compat-gate")
    loaded = CompatGate.load("compat-gate")
    equal(loaded.greet(), "north/1234", "an own block")
    equal(loaded.secret.get(), {"user": "a", "parts": [1, 2]}, "a block within a block")
    equal(Block.load("compat-gate/compat-gate").greet(), "north/1234", "a block by its slug")
    equal(asyncio.run(CompatGate.aload("compat-gate")).greet(), "north/1234", "a block, asynchronously")
    check("compat-gate" in prefect("block", "ls"), "`block ls`")
    CompatGate.delete("compat-gate")
    try:
        CompatGate.load("compat-gate")
        check(False, "a deleted block cannot be loaded")
    except ValueError:
        pass


def main():
    artifacts()
    variables()
    blocks()


if __name__ == "__main__":
    run(main)
