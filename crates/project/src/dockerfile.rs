//! Reads the stages of a Dockerfile and the images that they need.
//!
//! Only the instructions that decide about the order of builds are read: ARG, FROM, `COPY --from=` and
//! `RUN --mount=…,from=`. Checking a Dockerfile is docker's work, so the first instruction that cannot be parsed ends
//! the reading without an error.

use std::collections::HashMap;

use parse_dockerfile::{Flag, FromInstruction, Instruction, parse, parse_iter};

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

/// The stages of a Dockerfile and the images that they need.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Dockerfile {
    stages: Vec<String>,
    images: Vec<String>,
    may_name_frontend: bool,
}

impl Dockerfile {
    /// Parses the text of a Dockerfile.
    pub fn parse(text: &str, inputs: &DockerfileInputs) -> Self {
        let may_name_frontend = parse(text).map_or(true, |whole| whole.parser_directives.syntax.is_some());
        let mut reader = Reader { inputs, args: HashMap::new(), dockerfile: Dockerfile::default() };
        for instruction in parse_iter(text).into_iter().flatten().map_while(Result::ok) {
            if matches!(instruction, Instruction::From(_)) && reader.has_built_target() {
                break;
            }
            reader.read(instruction);
        }
        Dockerfile { may_name_frontend, ..reader.dockerfile }
    }

    /// Returns whether a stage before the last one is named `builder`. The last stage is the image itself.
    pub fn has_builder(&self) -> bool {
        self.stages.iter().rev().skip(1).any(|stage| stage == BUILDER)
    }

    /// Returns whether the Dockerfile has a `# syntax=` line, or cannot be parsed to its end and so may have one.
    ///
    /// BuildKit fetches the image that such a line names; the legacy builder ignores the line.
    pub fn may_name_frontend(&self) -> bool {
        self.may_name_frontend
    }

    /// Returns the references of the images that the stages start from or copy from.
    pub fn images(&self) -> &[String] {
        &self.images
    }
}

struct Reader<'a> {
    inputs: &'a DockerfileInputs,
    /// The values of the ARGs before the first FROM.
    args: HashMap<String, String>,
    dockerfile: Dockerfile,
}

impl Reader<'_> {
    fn read(&mut self, instruction: Instruction) {
        match instruction {
            // FROM sees only the ARGs before the first FROM.
            // https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact
            Instruction::Arg(arg) if self.dockerfile.stages.is_empty() => {
                self.declare(&arg.arguments.value);
            }
            Instruction::From(from) => self.begin_stage(&from),
            Instruction::Copy(copy) => self.copy_from(&copy.options),
            Instruction::Run(run) => self.mount_from(&run.options),
            _ => {}
        }
    }

    /// Declares the variables of `ARG NAME=default NAME2`; a default may contain variables that are declared before it.
    fn declare(&mut self, text: &str) {
        for word in shlex::split(text).unwrap_or_default() {
            let (name, default) = word.split_once('=').unwrap_or((&word, ""));
            let given = self.inputs.args.get(name).cloned();
            let value = given.unwrap_or_else(|| self.expand(default));
            self.args.insert(name.to_owned(), value);
        }
    }

    /// Replaces variables as docker does: one that is not declared is empty.
    fn expand(&self, text: &str) -> String {
        // `${NAME:-default}` also replaces an empty value, so an empty value counts as not found at first.
        let lookup = |name: &str| self.args.get(name).filter(|value| !value.is_empty()).cloned();
        let expanded = shellexpand::env_with_context_no_errors(text, lookup);
        // shellexpand keeps variables that are not found. A reference cannot contain `$`, so every `$` left is one.
        shellexpand::env_with_context_no_errors(&expanded, |_| Some("")).into_owned()
    }

    fn begin_stage(&mut self, from: &FromInstruction) {
        let image = self.expand(&from.image.value);
        self.need(&image);
        // Docker compares the names of stages in lower case.
        let name = from.as_.as_ref().map(|(_, name)| name.value.to_lowercase());
        self.dockerfile.stages.push(name.unwrap_or_default());
    }

    fn copy_from(&mut self, options: &[Flag]) {
        // Docker does not replace variables in --from.
        for flag in options.iter().filter(|flag| flag.name.value == "from") {
            if let Some(image) = &flag.value {
                self.need(&image.value);
            }
        }
    }

    fn mount_from(&mut self, options: &[Flag]) {
        for flag in options.iter().filter(|flag| flag.name.value == "mount") {
            let settings = flag.value.iter().flat_map(|value| value.value.split(','));
            for image in settings.filter_map(|setting| setting.strip_prefix("from=")) {
                self.need(image);
            }
        }
    }

    /// Notes that a stage needs this image, unless the name is that of an earlier stage or of another kind of context.
    fn need(&mut self, image: &str) {
        let image = match self.inputs.contexts.get(image) {
            Some(context) => context.strip_prefix("docker-image://").unwrap_or_default(),
            None if self.is_stage(image) => return,
            None => image,
        };
        if !image.is_empty() {
            self.dockerfile.images.push(image.to_owned());
        }
    }

    /// Returns whether the text is the name or the index of a stage that has begun.
    fn is_stage(&self, text: &str) -> bool {
        let stages = &self.dockerfile.stages;
        let name = text.to_lowercase();
        stages.contains(&name) || text.parse::<usize>().is_ok_and(|index| index < stages.len())
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
        Dockerfile::parse(text, &DockerfileInputs { args: map(args), ..DockerfileInputs::default() }).images
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
        assert_eq!(dockerfile.images(), ["p-base:me"]);
    }

    #[test]
    fn stages_after_the_target_are_not_read() {
        let text = "FROM a AS one\nFROM b AS Two\nCOPY --from=c / /\nFROM d\n";
        for target in ["two", "TWO", "1"] {
            let inputs = DockerfileInputs { target: Some(target.to_owned()), ..DockerfileInputs::default() };
            assert_eq!(Dockerfile::parse(text, &inputs).images(), ["a", "b", "c"], "{target}");
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
    fn a_frontend_is_named_by_a_directive_at_the_top() {
        let may_name = |text: &str| parse(text).may_name_frontend();
        assert!(may_name("# syntax=docker/dockerfile:1\nFROM a\n"));
        assert!(may_name("# escape=`\n#SYNTAX = x\nFROM a\n"));
        assert!(may_name("FROM a\nNONSENSE x\n"));
        assert!(!may_name("FROM a\n# syntax=docker/dockerfile:1\n"));
        assert!(!may_name("# of the syntax=x\nFROM a\n"));
    }

    #[test]
    fn an_instruction_that_cannot_be_parsed_ends_the_reading() {
        assert_eq!(images("FROM a\nNONSENSE x\nFROM b\n", &[]), ["a"]);
        assert_eq!(images("", &[]), Vec::<String>::new());
    }
}
