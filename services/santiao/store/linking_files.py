"""Reads the linking policy (`linking.yaml`) of the city's own data.

The rule kept here: a policy is checked whole before anything is linked by it; a fault names the file, the place in it and the mend.
"""

from pathlib import Path

import msgspec
import yaml

from santiao.domain.links.policy import LinkingPolicy

FILE_NAME = "linking.yaml"
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PolicyFault(Exception):
    """A policy that cannot be used; the message names file, place and mend."""


def load_linking_policy(folder: Path) -> LinkingPolicy:
    """Read and check `linking.yaml` of the city's data folder.

    Raises:
        PolicyFault: the file is missing, is no YAML, has an unknown or missing key or a wrong value, or lacks the default gap.
    """
    path = folder / FILE_NAME
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 (CSafeLoader is a safe loader)
        policy = msgspec.convert(document, LinkingPolicy)
    except OSError as fault:
        raise PolicyFault(
            f"{path}: cannot be read ({fault.strerror}); restore it from the release. 无法读取关联规则文件。"
        ) from fault
    except yaml.YAMLError as fault:
        raise PolicyFault(f"{path}: not YAML: {fault}. 不是有效的 YAML。") from fault
    except msgspec.ValidationError as fault:
        raise PolicyFault(f"{path}: {fault}; mend that key. 关联规则有误，请修改该处。") from fault
    if "default" not in policy.renewal_gap_days:
        raise PolicyFault(f"{path}: renewal_gap_days needs a `default`. 缺少默认续发间隔。")
    return policy
