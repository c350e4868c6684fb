"""The version of a checkout that nobody has built: unknown.

A project that uses versioneer has versioneer's own file here, which asks git. An image has no git, so `build-image`
writes _version.py.bld before a build, and docker/cicd/Dockerfile copies that over this file.
"""


def get_versions():
    return {"version": "0+unknown", "full-revisionid": None, "dirty": None, "error": "not built", "date": None}
