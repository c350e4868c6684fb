//! `docker image ls` and `docker rmi`: an image that is not there is no failure, so docker is asked which are.

use dockerutils_command::Command;
use dockerutils_project::{Image, Project};
use serde::Deserialize;

use crate::build::builder;
use crate::{Error, docker};

/// What `docker image ls` says of one image.
#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "Repository")]
    repository: String,
    #[serde(rename = "Tag")]
    tag: String,
}

/// The question which images the engine has.
pub fn list_images(project: &Project) -> Command {
    docker(project).args(["image", "ls", "--format", "{{json .}}"])
}

/// The names of these images and their builders, as far as the answer of [`list_images`] has them; all without one.
///
/// # Errors
/// The answer is not what docker documents, or an image's configuration cannot be used.
pub fn present(images: &[Image], answer: Option<&[u8]>) -> Result<Vec<String>, Error> {
    let listed = answer.map(names).transpose()?;
    let mut present = Vec::new();
    for image in images {
        let reference = image.reference()?;
        let candidates =
            [Some(reference.to_string()), Some(builder(&reference)).filter(|_| has_builder(image))];
        let is_there = |name: &String| listed.as_ref().is_none_or(|listed| listed.contains(name));
        present.extend(candidates.into_iter().flatten().filter(is_there));
    }
    Ok(present)
}

/// Removes images by name.
pub fn remove(project: &Project, names: &[String]) -> Command {
    docker(project).arg("rmi").args(names)
}

fn has_builder(image: &Image) -> bool {
    image.dockerfile(&[]).is_ok_and(|dockerfile| dockerfile.has_builder())
}

fn names(answer: &[u8]) -> Result<Vec<String>, Error> {
    let listed = serde_json::Deserializer::from_slice(answer).into_iter::<Listed>();
    listed.map(|image| Ok(image.map(|image| format!("{}:{}", image.repository, image.tag))?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_read_strictly() {
        let answer = b"{\"Repository\":\"a\",\"Tag\":\"b\",\"Size\":\"1MB\"}\n{\"Repository\":\"<none>\",\"Tag\":\"<none>\"}\n";
        assert_eq!(names(answer).unwrap(), ["a:b", "<none>:<none>"]);
        assert!(names(b"REPOSITORY TAG\n").is_err());
        assert!(names(b"").unwrap().is_empty());
    }
}
