//! The conventions of a project: its root, its images, their names, and the images that a Dockerfile needs.
//!
//! This crate reads files and the environment. It starts no program and contacts no engine.
//!
//! ```
//! use dockerutils_project::Project;
//!
//! let folder = tempfile::tempdir()?;
//! let root = folder.path().join("My Project");
//! std::fs::create_dir_all(root.join("docker/dev"))?;
//! std::fs::write(root.join("docker/dev/Dockerfile"), "FROM scratch\n")?;
//! std::fs::write(root.join("docker/dockerutils.cfg"), "[dev]\ntag=1.0\n")?;
//!
//! let project = Project::at(root)?;
//! assert_eq!(project.image("dev")?.reference()?.to_string(), "my-project-dev:1.0");
//!
//! // -i and -t take precedence over the configuration.
//! let renamed = project.image("dev")?.with_overrides(Some("quay.io/me/dev"), Some("2.0"));
//! assert_eq!(renamed.reference()?.to_string(), "quay.io/me/dev:2.0");
//!
//! let error = project.image("dve").unwrap_err();
//! assert!(error.to_string().starts_with("there is no image `dve`, did you mean `dev`?"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod discovery;
mod dockerfile;
mod error;
mod image;
mod images;
mod legal_name;
mod notebook_image;
mod origin;
mod pip_conf;
mod project;
mod secret_folders;
mod trust;
mod user;
mod workspace;

pub use dockerfile::{Dockerfile, DockerfileInputs, NeededImage};
pub use error::Error;
pub use image::{Image, Kind};
pub use notebook_image::NotebookImage;
pub use origin::Origin;
pub use pip_conf::{PIP_CONF_TEMPLATE, PipConf};
pub use project::Project;
pub use trust::Trust;
pub use user::User;
pub use workspace::{Workspace, workspaces_of};
