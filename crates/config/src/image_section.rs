//! The section of an image: one typed field for each documented key, with its `_docked` twin already chosen.

use crate::config::Config;
use crate::error::{Error, UnknownKey};
use crate::foreign_keys::remedy;
use crate::keys::{DOCKED, KEYS, is_known};
use crate::nearest::nearest;
use crate::template::Unknown;
use crate::value::Value;

/// How a container is attached to the terminal: the value of `interactive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interactive {
    /// `-i`: the container gets standard input.
    pub stdin: bool,
    /// `-t`: the container gets a terminal.
    pub terminal: bool,
    /// `-d`: the container runs in the background.
    pub detached: bool,
}

/// How a build gets the project's `pip.conf.template`: the value of `pip_conf`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PipConfSource {
    /// As the file `pip.conf` in the context.
    #[default]
    File,
    /// As a secret of BuildKit, which is in no context and in no layer.
    Secret,
}

/// The keys that decide about the name of an image.
///
/// They can be read alone, so that a mistake elsewhere in a section matters only when that image is used.
#[derive(Debug, Default)]
pub struct ImageName {
    /// The value of `name`.
    pub name: Option<Value>,
    /// The value of `prefix`: whether the project's name comes before `name`.
    pub prefix: bool,
    /// The value of `tag`.
    pub tag: Option<Value>,
}

/// The configuration of one image. A section that does not exist has no keys.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "each field is the key of that name, described in keys.rs")]
pub struct ImageSection {
    pub name: Option<Value>,
    pub prefix: bool,
    pub tag: Option<Value>,
    pub volumes: Option<Value>,
    pub ports: Option<Value>,
    pub environment: Option<Value>,
    pub env: Vec<Value>,
    pub network: Option<Value>,
    pub interactive: Option<Interactive>,
    pub keep_failed: bool,
    pub gpu: Option<Value>,
    pub gpu_always: bool,
    pub args: Option<Value>,
    pub cmd: Option<Value>,
    pub run_as_host_user: bool,
    pub aws_env: bool,
    pub not_secret: Vec<String>,
    pub build_args: Option<Value>,
    pub pip_conf: PipConfSource,
    pub pull_from_on_force: bool,
    pub pre_build_script: Option<Value>,
    pub post_build_script: Option<Value>,
    pub image_repo: Option<Value>,
    pub publication_tag: Option<Value>,
    pub ecr_scan_on_push: bool,
    pub ecr_immutable_tags: bool,
    pub ecr_tags: Option<Value>,
    /// The keys that no command reads.
    pub unknown_keys: Vec<UnknownKey>,
}

impl Config {
    /// Reads the section of an image; while docked, the `_docked` twin of a key replaces it.
    ///
    /// # Errors
    /// Fails if a value is not valid for its key, or if `env` names a section that does not exist.
    pub fn image(&self, section: &str, docked: bool) -> Result<ImageSection, Error> {
        Keys { config: self, section, docked }.image()
    }

    /// Returns whether a script runs before the image is built, which may create its Dockerfile.
    pub fn has_pre_build_script(&self, section: &str, docked: bool) -> bool {
        Keys { config: self, section, docked }.filled("pre_build_script").is_some()
    }

    /// Reads only the keys that decide about the name of an image.
    ///
    /// # Errors
    /// Fails if `prefix` is not a boolean.
    pub fn image_name(&self, section: &str, docked: bool) -> Result<ImageName, Error> {
        Keys { config: self, section, docked }.image_name()
    }
}

struct Keys<'a> {
    config: &'a Config,
    section: &'a str,
    docked: bool,
}

impl Keys<'_> {
    fn image_name(&self) -> Result<ImageName, Error> {
        let prefix = self.get("prefix").map_or(Ok(true), |value| prefix(&value))?;
        Ok(ImageName { name: self.filled("name"), prefix, tag: self.filled("tag") })
    }

    fn image(&self) -> Result<ImageSection, Error> {
        let ImageName { name, prefix, tag } = self.image_name()?;
        Ok(ImageSection {
            name,
            prefix,
            tag,
            // An empty value counts for keys that hold flags: an empty `volumes_docked` means no mounts on a dock.
            volumes: self.get("volumes"),
            ports: self.get("ports"),
            environment: self.get("environment"),
            env: self.filled("env").map_or(Ok(Vec::new()), |value| env(self.config, &value))?,
            network: self.filled("network"),
            interactive: self.get("interactive").map(|value| interactive(&value)).transpose()?,
            keep_failed: self.boolean("keep_failed", false)?,
            gpu: self.get("gpu"),
            gpu_always: self.boolean("gpu_always", false)?,
            args: self.get("args"),
            cmd: self.get("cmd"),
            run_as_host_user: self.filled("user").map_or(Ok(false), |value| host_user(&value))?,
            aws_env: self.boolean("aws_env", true)?,
            not_secret: self.get("not_secret").map(|value| names(&value)).unwrap_or_default(),
            build_args: self.get("build_args"),
            pip_conf: self.filled("pip_conf").map_or(Ok(PipConfSource::File), |value| pip_conf(&value))?,
            pull_from_on_force: self.boolean("pull_FROM_on_force", false)?,
            pre_build_script: self.filled("pre_build_script"),
            post_build_script: self.filled("post_build_script"),
            image_repo: self.filled("image_repo"),
            publication_tag: self.filled("publication_tag"),
            ecr_scan_on_push: self.boolean("ecr_scan_on_push", false)?,
            ecr_immutable_tags: self.boolean("ecr_immutable_tags", false)?,
            ecr_tags: self.filled("ecr_tags"),
            unknown_keys: self.unknown(),
        })
    }

    /// Returns the value of the key, or while docked that of its twin if there is one.
    fn get(&self, key: &str) -> Option<Value> {
        let twin = || self.config.value(self.section, &format!("{key}{DOCKED}"));
        self.docked.then(twin).flatten().or_else(|| self.config.value(self.section, key))
    }

    /// Returns the value of the key like [`get`](Self::get), but treats an empty value as missing.
    fn filled(&self, key: &str) -> Option<Value> {
        self.get(key).filter(|value| !value.text.is_empty())
    }

    fn boolean(&self, key: &str, default: bool) -> Result<bool, Error> {
        self.get(key).map_or(Ok(default), |value| value.boolean())
    }

    fn unknown(&self) -> Vec<UnknownKey> {
        let unknown = self.config.values(self.section).filter(|value| !is_known(&value.key));
        unknown
            .map(|value| UnknownKey {
                nearest: nearest_key(&value.key),
                remedy: remedy(&value.key, &value.text),
                section: self.section.to_owned(),
                place: value.place,
                key: value.key,
            })
            .collect()
    }
}

/// Returns the known key that is nearest; a `_docked` suffix is compared apart and put back.
fn nearest_key(key: &str) -> Option<String> {
    let known = || KEYS.iter().map(|known| known.name);
    match key.strip_suffix(DOCKED) {
        Some(own_name) => nearest(own_name, known()).map(|name| format!("{name}{DOCKED}")),
        None => nearest(key, known()).map(str::to_owned),
    }
}

/// Reads `prefix`, which also accepts the `F` and `f` of the Python tool.
fn prefix(value: &Value) -> Result<bool, Error> {
    match value.text.as_str() {
        "F" | "f" => Ok(false),
        _ => value.boolean(),
    }
}

/// Reads names of variables, separated by blanks or commas; a `$` before a name is accepted.
fn names(value: &Value) -> Vec<String> {
    let names = value.text.split(|c: char| c == ',' || c.is_whitespace());
    let names = names.map(|name| name.strip_prefix('$').unwrap_or(name).to_owned());
    names.filter(|name| !name.is_empty()).collect()
}

fn host_user(value: &Value) -> Result<bool, Error> {
    match value.text.as_str() {
        "host" => Ok(true),
        other => Err(value
            .error(format!("`{other}` is not valid: expected host (for another user: args=--user {other})"))),
    }
}

fn pip_conf(value: &Value) -> Result<PipConfSource, Error> {
    match value.text.as_str() {
        "file" => Ok(PipConfSource::File),
        "secret" => Ok(PipConfSource::Secret),
        other => Err(value.error(format!("`{other}` is not valid: expected file or secret"))),
    }
}

fn interactive(value: &Value) -> Result<Interactive, Error> {
    let mut interactive = Interactive { stdin: false, terminal: false, detached: false };
    for word in value.text.split_whitespace() {
        let letters = word.strip_prefix('-').filter(|letters| !letters.is_empty());
        // `?` stands for a word without letters, which is refused like an unknown letter.
        for letter in letters.unwrap_or("?").chars() {
            match letter {
                'i' => interactive.stdin = true,
                't' => interactive.terminal = true,
                'd' => interactive.detached = true,
                _ => return Err(value.error(format!("`{word}` is not valid: expected -d or -it"))),
            }
        }
    }
    Ok(interactive)
}

fn env(config: &Config, value: &Value) -> Result<Vec<Value>, Error> {
    if config.has_section(&value.text) {
        // These keys are names of variables, also if they are those of an image's keys.
        return Ok(config
            .values(&value.text)
            .map(|value| Value { unknown: Unknown::Kept, ..value })
            .collect());
    }
    let hint = crate::nearest::did_you_mean(nearest(&value.text, config.section_names()));
    Err(value.error(format!("there is no section [{}]{hint}", value.text)))
}
