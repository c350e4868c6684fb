//! The trait through which a transfer reports progress and warnings. This crate prints nothing itself.

use std::fmt;

use dockerutils_oci::Platform;

use crate::remote::{self, Host};
use crate::report::Report;
use crate::source::LeftOut;
use crate::workload::Workload;

/// Receives progress and warnings. Calls come from several threads.
pub trait Observer: Sync {
    /// Reports that docker on a host requires sudo, so that the transfer calls `sudo -n docker` there.
    fn on_sudo(&self, host: &Host);

    /// Reports a problem that does not stop the transfer.
    fn on_warning(&self, warning: &Warning);

    /// Reports that sending starts.
    fn on_start(&self, workload: &Workload);

    /// Reports how many more bytes of layers have been read and passed to all hosts.
    fn on_progress(&self, bytes: usize);

    /// Reports that sending has ended, successfully or not.
    fn on_end(&self);

    /// Reports that a host has all its images.
    fn on_arrival(&self, report: &Report);

    /// Reports that a transfer failed, probably because a layer has been removed from the host meanwhile, and that it is
    /// repeated: with `all` layers, or with those that the host lacks now.
    fn on_resend(&self, error: &remote::Error, all: bool);
}

/// A problem that does not stop a transfer; displayed as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// An image is built for another platform than that of the engine.
    OtherPlatform {
        /// The name of the image.
        image: String,
        /// The platform of the image.
        platform: Platform,
        /// The name of the host.
        host: String,
        /// The platform of the host's engine.
        host_platform: Platform,
    },
    /// Parts of an image are not transferred.
    PartsLeftOut {
        /// The name of the image.
        image: String,
        /// The platform that is transferred.
        platform: Platform,
        /// The parts that are not.
        left_out: LeftOut,
    },
    /// Docker could not remove a partial image that is obsolete.
    PartialImageKept {
        /// The name of the host.
        host: String,
        /// The message of docker.
        reason: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::OtherPlatform { image, platform, host, host_platform } => {
                write!(f, "{image} is for {platform}, and {host} is {host_platform}")
            }
            Warning::PartsLeftOut { image, platform, left_out } => {
                let platforms = left_out.platforms.iter().map(ToString::to_string);
                let attestations = (left_out.attestations > 0).then(|| "its attestations".to_owned());
                let parts: Vec<String> = platforms.chain(attestations).collect();
                write!(
                    f,
                    "of {image} only {platform} is transferred, without {}, so its digest changes; docker save and docker load keep all between containerd stores",
                    parts.join(", ")
                )
            }
            Warning::PartialImageKept { host, reason } => {
                write!(f, "{host} keeps a partial image that is no longer needed: {reason}")
            }
        }
    }
}
