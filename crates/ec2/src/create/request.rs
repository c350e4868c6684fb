//! What the user wants.

use dockerutils_dock::{AwsName, Minutes, Moniker, PublicKey, ResolvedSettings, Zone};

use crate::life::{chosen_rule_description, rule_description};

/// The request for a dock.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its name.
    pub name: Moniker,
    /// The settings.
    pub settings: ResolvedSettings,
    /// Whether it has a GPU.
    pub has_gpu: bool,
    /// The only zone to try.
    pub zone: Option<Zone>,
    /// The public key of this machine; `None` if the settings name a key pair of the account.
    pub key: Option<PublicKey>,
    /// The user on this machine, for tags and names.
    pub owner: AwsName,
    /// What runs when the machine starts for the first time.
    pub user_data: Vec<u8>,
    /// How long the machine may take until docker responds.
    pub timeout: Minutes,
    /// Whether the host key has to be on the console before the first connection.
    pub requires_console_key: bool,
}

impl Request {
    /// Returns the description of the rules for ssh.
    pub(crate) fn rule_description(&self) -> String {
        let owner = self.owner.as_str();
        if self.settings.allow.is_empty() { rule_description(owner) } else { chosen_rule_description(owner) }
    }

    /// Returns the instance types in the order in which they are tried.
    pub fn types(&self) -> Vec<String> {
        let first =
            if self.has_gpu { &self.settings.gpu_instance_type } else { &self.settings.instance_type };
        let mut types = vec![first.as_str().to_owned()];
        for fallback in &self.settings.fallback_types {
            if !types.iter().any(|known| known == fallback.as_str()) {
                types.push(fallback.as_str().to_owned());
            }
        }
        types
    }
}
