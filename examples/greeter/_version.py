"""The version of a working tree that has not been built, which is unknown.

In a project with versioneer, this is versioneer's own file, which gets the version from git. An image has no .git
folder, so `build-image` writes _version.py.bld before a build, and docker/cicd/Dockerfile replaces this file with it.
"""


def get_versions():
    return {"version": "0+unknown", "full-revisionid": None, "dirty": None, "error": "not built", "date": None}
