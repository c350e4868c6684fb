//! An image's section, typed: one field for each documented key, its `_docked` twin already chosen.

use crate::Config;
use crate::error::{Error, UnknownKey};
use crate::keys::{DOCKED, KEYS, is_known};
use crate::nearest::nearest;
use crate::value::Value;

/// How a container holds on to the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interactive {
    /// `-i`: standard input is handed on.
    pub stdin: bool,
    /// `-t`: the container gets a terminal.
    pub terminal: bool,
    /// `-d`: it runs in the background.
    pub detached: bool,
}

/// What the configuration says about one image. A missing section is one without keys.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "each field is the key of that name, told in keys.rs")]
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
    pub gpu: Option<Value>,
    pub gpu_always: bool,
    pub args: Option<Value>,
    pub cmd: Option<Value>,
    pub run_as_host_user: bool,
    pub aws_env: bool,
    pub build_args: Option<Value>,
    pub pull_from_on_force: bool,
    pub pre_build_script: Option<Value>,
    pub post_build_script: Option<Value>,
    pub image_repo: Option<Value>,
    pub publication_tag: Option<Value>,
    pub ecr_scan_on_push: bool,
    pub ecr_immutable_tags: bool,
    pub ecr_tags: Option<Value>,
    /// Keys that mean nothing, to be told.
    pub unknown_keys: Vec<UnknownKey>,
}

impl ImageSection {
    /// Reads the section of that name.
    ///
    /// # Errors
    /// A value that is not of its key's kind, an `env` that names no section.
    pub(crate) fn read(config: &Config, section: &str, docked: bool) -> Result<Self, Error> {
        let keys = Keys { config, section, docked };
        Ok(ImageSection {
            name: keys.filled("name"),
            prefix: keys.get("prefix").map_or(Ok(true), |value| prefix(&value))?,
            tag: keys.filled("tag"),
            volumes: keys.get("volumes"),
            ports: keys.get("ports"),
            environment: keys.get("environment"),
            env: keys.filled("env").map_or(Ok(Vec::new()), |value| env(config, &value))?,
            network: keys.filled("network"),
            interactive: keys.get("interactive").map(|value| interactive(&value)).transpose()?,
            gpu: keys.get("gpu"),
            gpu_always: keys.boolean("gpu_always", false)?,
            args: keys.get("args"),
            cmd: keys.get("cmd"),
            run_as_host_user: keys.filled("user").map_or(Ok(false), |value| host_user(&value))?,
            aws_env: keys.boolean("aws_env", true)?,
            build_args: keys.get("build_args"),
            pull_from_on_force: keys.boolean("pull_FROM_on_force", false)?,
            pre_build_script: keys.filled("pre_build_script"),
            post_build_script: keys.filled("post_build_script"),
            image_repo: keys.filled("image_repo"),
            publication_tag: keys.filled("publication_tag"),
            ecr_scan_on_push: keys.boolean("ecr_scan_on_push", false)?,
            ecr_immutable_tags: keys.boolean("ecr_immutable_tags", false)?,
            ecr_tags: keys.filled("ecr_tags"),
            unknown_keys: keys.unknown(),
        })
    }
}

struct Keys<'a> {
    config: &'a Config,
    section: &'a str,
    docked: bool,
}

impl Keys<'_> {
    /// The key's value: while docked, its twin's where there is one.
    fn get(&self, key: &str) -> Option<Value> {
        let twin = || self.config.value(self.section, &format!("{key}{DOCKED}"));
        self.docked.then(twin).flatten().or_else(|| self.config.value(self.section, key))
    }

    /// The same, an empty value counting as none.
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
                section: self.section.to_owned(),
                place: value.place,
                key: value.key,
            })
            .collect()
    }
}

/// The known key that is nearest, with `_docked` put back where it was.
fn nearest_key(key: &str) -> Option<String> {
    let known = || KEYS.iter().map(|known| known.name);
    match key.strip_suffix(DOCKED) {
        Some(own_name) => nearest(own_name, known()).map(|name| format!("{name}{DOCKED}")),
        None => nearest(key, known()).map(str::to_owned),
    }
}

/// `prefix` also takes the `F` and `f` of the Python tool.
fn prefix(value: &Value) -> Result<bool, Error> {
    match value.text.as_str() {
        "F" | "f" => Ok(false),
        _ => value.boolean(),
    }
}

fn host_user(value: &Value) -> Result<bool, Error> {
    match value.text.as_str() {
        "host" => Ok(true),
        other => {
            Err(value.error(format!("`{other}` is not `host`; another user is set by args=--user {other}")))
        }
    }
}

fn interactive(value: &Value) -> Result<Interactive, Error> {
    let mut interactive = Interactive { stdin: false, terminal: false, detached: false };
    for word in value.text.split_whitespace() {
        let letters = word.strip_prefix('-').filter(|letters| !letters.is_empty());
        for letter in letters.unwrap_or("?").chars() {
            match letter {
                'i' => interactive.stdin = true,
                't' => interactive.terminal = true,
                'd' => interactive.detached = true,
                _ => return Err(value.error(format!("`{word}` is neither -d nor -it"))),
            }
        }
    }
    Ok(interactive)
}

fn env(config: &Config, value: &Value) -> Result<Vec<Value>, Error> {
    if config.has_section(&value.text) {
        return Ok(config.values(&value.text).collect());
    }
    let hint = crate::nearest::did_you_mean(nearest(&value.text, config.section_names()));
    Err(value.error(format!("there is no section [{}]{hint}", value.text)))
}
