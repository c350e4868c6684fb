//! Warnings about Dockerfiles that docker builds without a word, but not as their author means.

use dockerutils_docker::{ImageBuild, UntaggedBase};

use crate::ui;

/// Warns of a heredoc without an end, a base without its tag, and a builder stage whose name is taken.
pub(super) fn warn_of_dockerfile(build: &ImageBuild) {
    let (path, image) = (build.dockerfile_path(), &build.image().name);
    if let Some(line) = build.unterminated_heredoc() {
        ui::warn(format_args!(
            "{path}:{line}: this heredoc has no end, so the images that later lines need are not known"
        ));
    }
    for base in build.untagged_bases() {
        warn_of_untagged_base(&path, image, base);
    }
    if let Some(folder) = build.builder_name_taken_by() {
        ui::warn(format_args!(
            "{path}: the stage `builder` gets no tag, because docker/{folder} is the image of that name"
        ));
    }
}

fn warn_of_untagged_base(path: &str, image: &str, base: &UntaggedBase) {
    let UntaggedBase { line, written, folder, built_as } = base;
    ui::warn(format_args!(
        "{path}:{line}: `{written}` means {written}:latest, but docker/{folder} is built as {built_as}: to use that one, write \
         `ARG BASE` and `FROM $BASE` in {path}, and `build_args=--build-arg BASE={built_as}` under [{image}] in \
         docker/dockerutils.cfg"
    ));
}
