//! Reads the stages of a Dockerfile and the images that they need.
//!
//! Only what decides about the order of builds is read: FROM, the ARGs before it, `COPY --from=` and
//! `RUN --mount=…,from=`. Everything else is stepped over: checking a Dockerfile is docker's work.

mod directives;
mod instructions;
mod pattern;
mod shell_word;

use std::collections::HashMap;

use self::instructions::{Instruction, Instructions};

/// The stage that is tagged as an image of its own, so that a prune keeps its layers.
const BUILDER: &str = "builder";

/// The flags of a build that decide which images a Dockerfile needs.
#[derive(Default)]
pub struct DockerfileInputs {
    /// The values of `--build-arg`, which replace the defaults of `ARG`.
    pub args: HashMap<String, String>,
    /// The values of `--build-context`, which replace images of these names.
    pub contexts: HashMap<String, String>,
    /// The value of `--target`: later stages are not built.
    pub target: Option<String>,
}

/// An image that a stage starts from or copies from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededImage {
    /// The reference, with variables replaced.
    pub reference: String,
    /// The line of the Dockerfile.
    pub line: usize,
}

/// The stages of a Dockerfile and the images that they need.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Dockerfile {
    stages: Vec<String>,
    images: Vec<NeededImage>,
    may_name_frontend: bool,
    unterminated: Option<usize>,
}

impl Dockerfile {
    /// Parses the text of a Dockerfile.
    pub fn parse(text: &str, inputs: &DockerfileInputs) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let Instructions { instructions, escape, unterminated } = Instructions::read(text);
        let may_name_frontend = directives::may_name_frontend(text);
        let dockerfile = Dockerfile { may_name_frontend, unterminated, ..Dockerfile::default() };
        let mut reader = Reader { inputs, escape, args: HashMap::new(), dockerfile };
        for instruction in &instructions {
            if instruction.name == "from" && reader.has_built_target() {
                break;
            }
            reader.read(instruction);
        }
        reader.dockerfile
    }

    /// Returns whether a stage before the last one is named `builder`. The last stage is the image itself.
    pub fn has_builder(&self) -> bool {
        self.stages.iter().rev().skip(1).any(|stage| stage == BUILDER)
    }

    /// Returns whether the Dockerfile has a `# syntax=` line, or another one by which it may name a frontend.
    ///
    /// BuildKit fetches the image that such a line names; the legacy builder ignores the line.
    pub fn may_name_frontend(&self) -> bool {
        self.may_name_frontend
    }

    /// Returns the images that the stages start from or copy from.
    pub fn images(&self) -> &[NeededImage] {
        &self.images
    }

    /// Returns the line of an instruction whose heredoc has no end. The lines after it could not be read.
    pub fn unterminated(&self) -> Option<usize> {
        self.unterminated
    }
}

struct Reader<'a> {
    inputs: &'a DockerfileInputs,
    escape: char,
    /// The values of the ARGs before the first FROM.
    args: HashMap<String, String>,
    dockerfile: Dockerfile,
}

impl Reader<'_> {
    fn read(&mut self, instruction: &Instruction) {
        match instruction.name.as_str() {
            // FROM sees only the ARGs before the first FROM.
            // https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact
            "arg" if self.dockerfile.stages.is_empty() => self.declare(&instruction.arguments),
            "from" => self.begin_stage(instruction),
            "copy" => self.copy_from(instruction),
            "run" => self.mount_from(instruction),
            _ => {}
        }
    }

    /// Declares the variables of `ARG NAME=default NAME2`; a default may contain variables that are declared before it.
    fn declare(&mut self, text: &str) {
        for word in shell_word::words_of_arg(text, self.escape) {
            let (name, default) = match word.split_once('=') {
                Some((name, default)) => (name, self.expand(default)),
                None => (word.as_str(), None),
            };
            // Without a value an ARG keeps the value that it has.
            if let Some(value) = self.inputs.args.get(name).cloned().or(default) {
                self.args.insert(name.to_owned(), value);
            }
        }
    }

    /// Replaces variables as docker does: one that is not set is empty. `None` if docker would refuse the text.
    fn expand(&self, text: &str) -> Option<String> {
        shell_word::expand(text, self.escape, &|name| self.args.get(name).cloned()).ok()
    }

    fn begin_stage(&mut self, from: &Instruction) {
        let mut words = from.arguments.split_whitespace();
        let image = words.next().and_then(|image| self.expand(image)).unwrap_or_default();
        // A stage is found by its exact name here, and a number is not an index.
        if !self.dockerfile.stages.contains(&image) {
            self.need(&image, from.line);
        }
        // Docker compares the names of stages in lower case.
        let name = words.next().filter(|word| word.eq_ignore_ascii_case("as")).and_then(|_| words.next());
        self.dockerfile.stages.push(name.unwrap_or_default().to_lowercase());
    }

    fn copy_from(&mut self, copy: &Instruction) {
        // Docker does not replace variables in --from.
        for image in copy.flags.iter().filter_map(|flag| flag.strip_prefix("--from=")) {
            let is_index = image.parse::<usize>().is_ok_and(|index| index < self.dockerfile.stages.len());
            if !is_index && !self.is_stage(image) {
                self.need(image, copy.line);
            }
        }
    }

    fn mount_from(&mut self, run: &Instruction) {
        for mount in run.flags.iter().filter_map(|flag| flag.strip_prefix("--mount=")) {
            for (key, image) in mount.split(',').filter_map(|setting| setting.split_once('=')) {
                if key.eq_ignore_ascii_case("from") && !self.is_stage(image) {
                    self.need(image, run.line);
                }
            }
        }
    }

    /// Notes that a stage needs this image, unless a context of another kind has its name.
    fn need(&mut self, image: &str, line: usize) {
        let reference = match self.inputs.contexts.get(image) {
            Some(context) => context.strip_prefix("docker-image://").unwrap_or_default(),
            None => image,
        };
        if !reference.is_empty() {
            self.dockerfile.images.push(NeededImage { reference: reference.to_owned(), line });
        }
    }

    /// Returns whether the text is the name of a stage that has begun.
    fn is_stage(&self, text: &str) -> bool {
        self.dockerfile.stages.contains(&text.to_lowercase())
    }

    fn has_built_target(&self) -> bool {
        let stages = &self.dockerfile.stages;
        let index = stages.len().checked_sub(1);
        self.inputs.target.as_ref().is_some_and(|target| {
            stages.last().is_some_and(|stage| *stage == target.to_lowercase())
                || target.parse::<usize>().ok().is_some_and(|target| Some(target) == index)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Dockerfile {
        Dockerfile::parse(text, &DockerfileInputs::default())
    }

    fn map(entries: &[(&str, &str)]) -> HashMap<String, String> {
        entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn images(text: &str, args: &[(&str, &str)]) -> Vec<String> {
        Dockerfile::parse(text, &DockerfileInputs { args: map(args), ..DockerfileInputs::default() })
            .images
            .into_iter()
            .map(|image| image.reference)
            .collect()
    }

    #[test]
    fn the_images_of_from_copy_and_run_are_found() {
        let text = "# syntax=docker/dockerfile:1\nARG V=1\nARG BASE=p-base:${V}\nFROM --platform=linux/amd64 ${BASE} AS Builder\n\
                    RUN --mount=type=cache,target=/c --mount=type=bind,from=p-tools,target=/t make \\\n  all\n\
                    from builder as second\nCOPY --from=builder /a /a\nCOPY --from=0 /a /a\n\
                    COPY --chown=1 --from=p-data:x /d /d\nFROM second\n";
        assert_eq!(images(text, &[]), ["p-base:1", "p-tools", "p-data:x"]);
        assert_eq!(images(text, &[("V", "2")])[0], "p-base:2");
        assert_eq!(images(text, &[("BASE", "other")])[0], "other");
    }

    #[test]
    fn defaults_in_from_and_arg_are_replaced() {
        assert_eq!(images("ARG B\nFROM ${B:-p-base}:x\n", &[]), ["p-base:x"]);
        assert_eq!(images("ARG B=\"q r\" C=d\nFROM $C\n", &[]), ["d"]);
        assert_eq!(images("ARG B\nARG C=${B:-d}\nFROM p-$C${B}\n", &[]), ["p-d"]);
        // A build argument without its ARG has no effect, and neither has an ARG inside a stage.
        assert_eq!(images("FROM a$B\nARG B=b\nFROM c$B\n", &[("B", "x")]), ["a", "c"]);
    }

    #[test]
    fn a_named_context_replaces_an_image() {
        let contexts = map(&[("base", "docker-image://p-base:me"), ("data", "../data")]);
        let inputs = DockerfileInputs { contexts, ..DockerfileInputs::default() };
        let dockerfile = Dockerfile::parse("FROM base\nCOPY --from=data / /\n", &inputs);
        let expected = NeededImage { reference: "p-base:me".to_owned(), line: 1 };
        assert_eq!(dockerfile.images(), [expected]);
    }

    #[test]
    fn stages_after_the_target_are_not_read() {
        let text = "FROM a AS one\nFROM b AS Two\nCOPY --from=c / /\nFROM d\n";
        for target in ["two", "TWO", "1"] {
            let inputs = DockerfileInputs { target: Some(target.to_owned()), ..DockerfileInputs::default() };
            let images = Dockerfile::parse(text, &inputs).images;
            let references: Vec<&str> = images.iter().map(|image| image.reference.as_str()).collect();
            assert_eq!(references, ["a", "b", "c"], "{target}");
        }
    }

    #[test]
    fn a_builder_stage_has_any_case_and_is_not_the_last_stage() {
        assert!(parse("FROM a AS builder\nFROM b\n").has_builder());
        assert!(parse("FROM a as Builder\nFROM b AS final\n").has_builder());
        assert!(!parse("FROM a AS builder\n").has_builder());
        assert!(!parse("# FROM a AS builder\nFROM b\n").has_builder());
    }

    #[test]
    fn every_other_instruction_is_stepped_over() {
        for other in [
            "ENTRYPOINT []",
            "CMD",
            "NONSENSE x",
            "RUN cat > /x <<EOF\nFROM no\nEOF",
            "HEALTHCHECK NONE",
            "LABEL a",
            "RUN [\"a\",",
            "COPY",
            "'",
        ] {
            assert_eq!(images(&format!("FROM a\n{other}\n\nFROM b\n"), &[]), ["a", "b"], "{other}");
        }
        assert_eq!(images("", &[]), Vec::<String>::new());
    }

    #[test]
    fn a_file_that_cannot_be_read_to_its_end_has_the_line() {
        let dockerfile = parse("FROM a\nCOPY <<X <<Y /\nX\nFROM b\n");
        assert_eq!((dockerfile.unterminated(), dockerfile.images().len()), (Some(2), 1));
    }
}
