//! Files of root in the project, and the image by which they can be given back.

use std::path::{Path, PathBuf};

use chrono::Local;
use dockerutils_check::{ForeignFiles, files_of_root};
use dockerutils_docker::{ImageLookup, RunOptions, look_up_image, run};
use dockerutils_oci::Reference;
use dockerutils_project::{Project, User};

/// Finds files of root in what the images of a project mount. For root itself they are its own.
pub(super) fn local(project: &Project) -> ForeignFiles {
    let owner = User::uid_gid();
    if owner.starts_with("0:") {
        return ForeignFiles::default();
    }
    let images = mounting_images(project);
    let mounts: Vec<PathBuf> =
        images.iter().flat_map(|(_, mounts)| mounts.iter().map(PathBuf::from)).collect();
    let files = files_of_root(project.root(), &mounts);
    let image = if files.is_empty() { None } else { first_present(&images) };
    ForeignFiles {
        folder: project.root().to_string_lossy().into_owned(),
        files: files.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
        owner,
        image,
    }
}

/// Returns an image of the project that the engine has.
pub(super) fn present_image(project: &Project) -> Option<String> {
    first_present(&mounting_images(project))
}

fn first_present(images: &[(Reference, Vec<String>)]) -> Option<String> {
    let present = images.iter().find(|(image, _)| look_up_image(image) == ImageLookup::Present);
    present.map(|(image, _)| image.to_string())
}

/// Returns the images that mount something of the project, and the host sides of their mounts.
fn mounting_images(project: &Project) -> Vec<(Reference, Vec<String>)> {
    let names = project.image_folders().unwrap_or_default();
    let names = names.into_iter().chain(project.config().synthetic_images());
    let mounting = names.filter_map(|name| {
        let image = project.image(&name).ok()?;
        let mounts = run(&image, &RunOptions::default(), Local::now()).ok()?.mounts;
        Some((image.reference().ok()?, mounts))
    });
    mounting.filter(|(_, mounts)| mounts.iter().any(|mount| touches(mount, project.root()))).collect()
}

fn touches(mount: &str, root: &Path) -> bool {
    Path::new(mount).starts_with(root) || root.starts_with(mount)
}
