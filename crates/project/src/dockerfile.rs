//! What a Dockerfile starts from.
//!
//! Only what decides the order of builds is read: stages, FROM, `COPY --from=`, `RUN --mount=…,from=`. Judging a
//! Dockerfile is docker's work, so reading ends without a word at the first thing that is not understood.

use std::collections::HashMap;
use std::env;

use parse_dockerfile::{Flag, FromInstruction, Instruction, parse, parse_iter};

/// The stage that gets a tag of its own, so that a prune keeps its layers.
const BUILDER: &str = "builder";

/// The stages of a Dockerfile and the images that they need.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Dockerfile {
    stages: Vec<String>,
    images: Vec<String>,
    may_name_frontend: bool,
}

impl Dockerfile {
    /// Reads the text; `build_flags` are the flags of the build, whose `--build-arg`s replace the defaults of `ARG`s.
    pub fn parse(text: &str, build_flags: &[String]) -> Self {
        let given = build_args(build_flags);
        let may_name_frontend = parse(text).map_or(true, |whole| whole.parser_directives.syntax.is_some());
        let mut dockerfile = Dockerfile { may_name_frontend, ..Dockerfile::default() };
        let mut args = HashMap::new();
        for instruction in parse_iter(text).into_iter().flatten().map_while(Result::ok) {
            match instruction {
                // An ARG inside a stage has no say in FROM.
                Instruction::Arg(arg) if dockerfile.stages.is_empty() => {
                    declare(&arg.arguments.value, &given, &mut args);
                }
                Instruction::From(from) => dockerfile.begin_stage(&from, &args),
                Instruction::Copy(copy) => dockerfile.needs_from(&copy.options),
                Instruction::Run(run) => dockerfile.needs_mounted(&run.options),
                _ => {}
            }
        }
        dockerfile
    }

    /// Whether a stage is named `builder`, and is not the last one, which is the image itself.
    pub fn has_builder(&self) -> bool {
        self.stages.iter().rev().skip(1).any(|stage| stage == BUILDER)
    }

    /// Whether it has a `# syntax=` line, whose image BuildKit fetches, or cannot be read to its end.
    pub fn may_name_frontend(&self) -> bool {
        self.may_name_frontend
    }

    /// The references of images that it starts from or copies from, its own stages left out.
    pub fn images(&self) -> &[String] {
        &self.images
    }

    fn begin_stage(&mut self, from: &FromInstruction, args: &HashMap<String, String>) {
        let lookup =
            |name: &str| Some(args.get(name).cloned().unwrap_or_default()).filter(|value| !value.is_empty());
        let image = shellexpand::env_with_context_no_errors(from.image.value.as_ref(), lookup).into_owned();
        self.needs(&image);
        let name = from.as_.as_ref().map(|(_, name)| name.value.to_lowercase());
        self.stages.push(name.unwrap_or_default());
    }

    fn needs_from(&mut self, options: &[Flag]) {
        for flag in options.iter().filter(|flag| flag.name.value == "from") {
            if let Some(image) = &flag.value {
                self.needs(&image.value);
            }
        }
    }

    fn needs_mounted(&mut self, options: &[Flag]) {
        for flag in options.iter().filter(|flag| flag.name.value == "mount") {
            let settings = flag.value.iter().flat_map(|value| value.value.split(','));
            for image in settings.filter_map(|setting| setting.strip_prefix("from=")) {
                self.needs(image);
            }
        }
    }

    fn needs(&mut self, image: &str) {
        let is_stage = |name: &str| self.stages.iter().any(|stage| *stage == name.to_lowercase());
        let is_index = image.parse::<usize>().is_ok_and(|index| index < self.stages.len());
        if !image.is_empty() && !is_index && !is_stage(image) {
            self.images.push(image.to_owned());
        }
    }
}

/// `ARG NAME=default NAME2`: what each stands for, a default being replaced in with the ARGs before it.
fn declare(text: &str, given: &HashMap<String, String>, args: &mut HashMap<String, String>) {
    for word in shlex::split(text).unwrap_or_default() {
        let (name, default) = word.split_once('=').unwrap_or((&word, ""));
        let value = given.get(name).cloned().unwrap_or_else(|| {
            shellexpand::env_with_context_no_errors(default, |name| args.get(name).cloned()).into_owned()
        });
        args.insert(name.to_owned(), value);
    }
}

/// The `--build-arg`s among the flags of a build; one without a value takes it from the environment, as docker does.
fn build_args(flags: &[String]) -> HashMap<String, String> {
    let mut given = HashMap::new();
    let mut flags = flags.iter();
    while let Some(flag) = flags.next() {
        let setting = match flag.strip_prefix("--build-arg") {
            Some("") => flags.next().map(String::as_str),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        match setting.map(|setting| setting.split_once('=').ok_or(setting)) {
            Some(Ok((name, value))) => drop(given.insert(name.to_owned(), value.to_owned())),
            Some(Err(name)) => given.extend(env::var(name).ok().map(|value| (name.to_owned(), value))),
            None => {}
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(text: &str, flags: &[&str]) -> Vec<String> {
        let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        Dockerfile::parse(text, &flags).images
    }

    #[test]
    fn every_way_to_need_an_image_is_seen() {
        let text = "# syntax=docker/dockerfile:1\nARG V=1\nARG BASE=p-base:${V}\nFROM --platform=linux/amd64 ${BASE} AS Builder\n\
                    RUN --mount=type=cache,target=/c --mount=type=bind,from=p-tools,target=/t make \\\n  all\n\
                    from builder as second\nCOPY --from=builder /a /a\nCOPY --from=0 /a /a\n\
                    COPY --chown=1 --from=p-data:x /d /d\nFROM second\n";
        assert_eq!(images(text, &[]), ["p-base:1", "p-tools", "p-data:x"]);
        assert_eq!(images(text, &["--build-arg", "V=2"])[0], "p-base:2");
        assert_eq!(images(text, &["--build-arg=BASE=other"])[0], "other");
    }

    #[test]
    fn defaults_of_the_form_are_known() {
        assert_eq!(images("ARG B\nFROM ${B:-p-base}:x\n", &[]), ["p-base:x"]);
        assert_eq!(images("ARG B=\"q r\" C=d\nFROM $C\n", &[]), ["d"]);
    }

    #[test]
    fn a_builder_that_is_the_image_itself_needs_no_tag() {
        assert!(Dockerfile::parse("FROM a AS builder\nFROM b\n", &[]).has_builder());
        assert!(Dockerfile::parse("FROM a as Builder\nFROM b AS final\n", &[]).has_builder());
        assert!(!Dockerfile::parse("FROM a AS builder\n", &[]).has_builder());
        assert!(!Dockerfile::parse("# FROM a AS builder\nFROM b\n", &[]).has_builder());
    }

    #[test]
    fn a_frontend_is_named_on_top() {
        let may_name = |text: &str| Dockerfile::parse(text, &[]).may_name_frontend();
        assert!(may_name("# syntax=docker/dockerfile:1\nFROM a\n"));
        assert!(may_name("# escape=`\n#SYNTAX = x\nFROM a\n"));
        assert!(may_name("FROM a\nNONSENSE x\n"));
        assert!(!may_name("FROM a\n# syntax=docker/dockerfile:1\n"));
        assert!(!may_name("# of the syntax=x\nFROM a\n"));
    }

    #[test]
    fn what_is_not_understood_ends_it_quietly() {
        assert_eq!(images("FROM a\nNONSENSE x\nFROM b\n", &[]), ["a"]);
        assert_eq!(images("", &[]), Vec::<String>::new());
    }
}
