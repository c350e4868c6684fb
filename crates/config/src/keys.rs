//! The keys of an image's section.
//!
//! The reference in README.md repeats this table, and a test compares the two.

use crate::template::Unknown;

/// A key of an image's section, as the reference describes it. Each key may have a twin `<key>_docked`.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The name of the key.
    pub name: &'static str,
    /// The values that it accepts.
    pub value: &'static str,
    /// Its effect on docker's command line.
    pub becomes: &'static str,
}

const fn key(name: &'static str, value: &'static str, becomes: &'static str) -> Key {
    Key { name, value, becomes }
}

/// All keys, in the order of the reference.
pub const KEYS: &[Key] = &[
    key(
        "name",
        "image to use instead of the section's own name; a synthetic image must have it",
        "`<project>-<name>`",
    ),
    key("prefix", "`False`: `name` is a whole image reference", "`<name>`"),
    key("tag", "tag instead of the user's name", "`:<tag>`"),
    key("volumes", "`-v HOST:CONTAINER` and `--mount …`, any number", "as written"),
    key("ports", "`-p HOST:CONTAINER`, any number", "as written"),
    key("environment", "`-e NAME=VALUE`, any number", "as written"),
    key("env", "another section, whose every key is an environment variable", "`-e KEY=VALUE` each"),
    key("network", "a network's name", "`--network NAME`"),
    key("interactive", "`-it` or `-d`", "instead of the default `-it`"),
    key(
        "keep_failed",
        "`True`: a container that fails is not removed",
        "no `--rm`; `docker rm` after success",
    ),
    key("gpu", "docker's own GPU flags", "with `-g`, instead of `--gpus all`"),
    key("gpu_always", "`True`: as if `-g` were given", "as `-g`"),
    key("args", "further `docker run` flags", "as written"),
    key("cmd", "the command to run in the container, in shell words", "after the image"),
    key(
        "user",
        "`host`: files created in a bind mount belong to the calling user",
        "`--user UID:GID`, with HOME, USER and LOGNAME (for root only the ids)",
    ),
    key("aws_env", "`False`: the AWS_* variables are not passed on", "`-e AWS_…` each that is set"),
    key(
        "not_secret",
        "variables whose names look like those of secrets and are none",
        "their values as written",
    ),
    key("build_args", "further `docker build` flags", "as written"),
    key(
        "pip_conf",
        "`file` or `secret`: how a build gets the project's `pip.conf.template`",
        "`pip.conf`, or `--secret id=pip.conf,…`",
    ),
    key("pull_FROM_on_force", "`True`: `build-image -f` pulls what FROM names", "`--pull`"),
    key(
        "pre_build_script",
        "a command, run at the project's root before the build; it may create the Dockerfile",
        "its failure ends the build",
    ),
    key("post_build_script", "a command, run there after a successful build", "its failure is the build's"),
    key("image_repo", "`aws`, `docker_hub` or a registry's host", "where `publish-image` logs in"),
    key("publication_tag", "full reference(s) to push, blank-separated", "`docker tag`, `docker push` each"),
    key(
        "ecr_scan_on_push",
        "`True`: a repository that is created in ECR scans what is pushed",
        "as its setting",
    ),
    key(
        "ecr_immutable_tags",
        "`True`: in a repository that is created in ECR, a tag cannot be overwritten",
        "as its setting",
    ),
    key("ecr_tags", "tags of a repository that is created in ECR, each `KEY=VALUE`", "as its tags"),
];

/// The suffix of a key that replaces its twin while docked.
pub const DOCKED: &str = "_docked";

/// The keys in which an unknown `{name}`, `$(…)` and other text that looks like a replacement are errors.
///
/// Their values are flags, paths and references, where braces have no other meaning. Other values may well contain
/// braces of their own: `cmd=awk '{print}'`.
const STRICT: &[&str] = &[
    "volumes",
    "ports",
    "environment",
    "gpu",
    "args",
    "build_args",
    "name",
    "tag",
    "network",
    "image_repo",
    "publication_tag",
    "ecr_tags",
    "workspace",
    "notebook_image",
    "notebook_image_gpu",
];

/// Returns how an unknown `{name}` in the value of this key is treated.
pub(crate) fn unknown_placeholders(key: &str) -> Unknown {
    let own_name = key.strip_suffix(DOCKED).unwrap_or(key);
    if STRICT.contains(&own_name) { Unknown::Refused } else { Unknown::Kept }
}

pub(crate) fn is_known(key: &str) -> bool {
    let own_name = key.strip_suffix(DOCKED).unwrap_or(key);
    KEYS.iter().any(|known| known.name == own_name)
}
