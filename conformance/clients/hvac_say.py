"""What the scripts for hvac share: the clients, and how what a call came to is said, one JSON object a line."""
import json
import os
import sys

import hvac
from hvac.exceptions import VaultError

ADDRESS, ROOT = os.environ["BAO_ADDR"], os.environ["BAO_TOKEN"]
root = hvac.Client(url=ADDRESS, token=ROOT)


def say(call, made):
    try:
        result = made()
        if hasattr(result, "status_code"):
            result = {"status": result.status_code}
    except VaultError as error:
        result = {"rejected": type(error).__name__, "errors": error.errors}
    json.dump({"call": call, "result": result}, sys.stdout, sort_keys=True, default=str)
    print()
    return result
