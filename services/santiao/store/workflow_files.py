"""Reads the workflow's own rows (`workflow.yaml`) of the city's data."""

from pathlib import Path

import msgspec
import yaml

from santiao.domain.errors import Rejection
from santiao.domain.workflow import WorkflowBook

FILE_NAME = "workflow.yaml"


def load_workflow(folder: Path) -> WorkflowBook:
    """The rows of `workflow.yaml` in the city's folder.

    Raises:
        Rejection: `workflow.invalid`, naming file, place and mend.
    """
    path = folder / FILE_NAME
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), WorkflowBook)
    except OSError as error:
        raise Rejection(
            "workflow.invalid", f"{path} cannot be read ({error.strerror}); restore it", f"{path.name} 无法读取"
        ) from None
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise Rejection("workflow.invalid", f"{path}: {error}; mend that row", f"{path.name} 有误，请修改") from None
