//! Finds sections whose name is nearly that of an image.

use crate::config::{Config, RUN_IMAGE};
use crate::error::MisspelledSection;
use crate::ini::Section;
use crate::keys::DOCKED;

impl Config {
    /// Returns the sections that belong to none of these images, but whose name differs from one of them in one letter,
    /// or in the case of letters.
    ///
    /// Other sections that belong to no image are common, and nothing is wrong with them.
    pub fn misspelled_sections(&self, images: &[String]) -> Vec<MisspelledSection> {
        let foreign = self.sections().iter().filter(|section| !self.is_used(section, images));
        let misspelled = |section: &Section| {
            let image = images.iter().find(|image| is_misspelling(&section.name, image))?;
            let place = self.place(section.line);
            Some(MisspelledSection { place, section: section.name.clone(), image: image.clone() })
        };
        foreign.filter_map(misspelled).collect()
    }

    /// Returns whether the section is that of an image, or one that an `env` key names.
    fn is_used(&self, section: &Section, images: &[String]) -> bool {
        let mut entries = self.sections().iter().flat_map(|section| &section.entries);
        section.name == RUN_IMAGE
            || images.contains(&section.name)
            || entries.any(|entry| {
                entry.key.strip_suffix(DOCKED).unwrap_or(&entry.key) == "env" && entry.value == section.name
            })
    }
}

fn is_misspelling(section: &str, image: &str) -> bool {
    let (section, length) = (section.trim(), image.chars().count());
    // All letters of a name of one letter differ.
    length > 1
        && section.chars().count().abs_diff(length) <= 1
        && strsim::osa_distance(&section.to_lowercase(), &image.to_lowercase()) <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misspelled(text: &str) -> Vec<String> {
        let config = Config::parse(text.as_bytes(), "c").unwrap();
        let images = ["dev", "train", "x"].map(str::to_owned);
        config.misspelled_sections(&images).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_section_one_letter_from_an_image_is_found() {
        for name in ["dve", "devv", "de", "Dev", "deb", " dev", " dev "] {
            let expected = format!("c:2: [{name}] belongs to no image, did you mean [dev]?");
            assert_eq!(misspelled(&format!("\n[{name}]\ntag=1\n")), [expected]);
        }
    }

    #[test]
    fn other_sections_are_not_found() {
        let text = "[dev]\nenv=deva\n[train]\nenv_docked=trains\n[deva]\n[trains]\n[env_vars]\n[y]\n[run_image]\n[prod]\n";
        assert_eq!(misspelled(text), Vec::<String>::new());
    }
}
