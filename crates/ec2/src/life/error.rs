//! Why a dock cannot be stopped, started or destroyed.

/// Why a dock cannot be stopped, started or destroyed, apart from a call that AWS refuses.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum LifeError {
    /// EC2 does not know the instance, or it is terminated.
    #[error(
        "the instance {id} of {dock} does not exist any more: `destroy-dock {dock}` removes what is left of it"
    )]
    Gone { dock: String, id: String },
    /// The instance has not reached a state in time.
    #[error("{dock} is still `{state}` after {seconds} s: run the command again, it goes on from there")]
    Stuck { dock: String, state: String, seconds: u64 },
    /// EC2 has no machine of this type in the zone of the disk.
    #[error(
        "{zone} has no {instance_type} now: `start-dock {dock} --wait 30m` tries again each minute, and `destroy-dock {dock} \
         --keep-data` keeps its disk as a snapshot to go on in another zone"
    )]
    NoCapacity { dock: String, zone: String, instance_type: String },
    /// The instance belongs to a one-time spot request.
    #[error(
        "{dock} is a one-time spot instance, which EC2 cannot stop: `destroy-dock {dock}` ends it, with --keep-data its disk \
         is kept as a snapshot"
    )]
    OneTimeSpot { dock: String },
    /// EC2 has stopped the spot instance itself.
    #[error(
        "EC2 has stopped the spot instance {dock} because it needs the capacity, and starts it again when it has room: run \
         `start-dock {dock}` later"
    )]
    Interrupted { dock: String },
    /// The instance was started, and is stopped again.
    #[error("{dock} has not started: {reason}; look at the instance in the AWS console")]
    NotStarted { dock: String, reason: String },
    /// The instance is protected against being stopped.
    #[error(
        "{dock} is protected against being stopped: lift that with `aws ec2 modify-instance-attribute --instance-id {id} \
         --no-disable-api-stop`"
    )]
    StopProtected { dock: String, id: String },
    /// The instance is protected against termination.
    #[error("{dock} is protected against termination: `destroy-dock -f {dock}` lifts that and destroys it")]
    Protected { dock: String },
    /// The instance has no tags of create-dock, or those of another user.
    #[error(
        "{dock} ({id}) was not made by create-dock for you, but {by}: --not-mine destroys it all the same"
    )]
    NotMine { dock: String, id: String, by: String },
    /// The instance runs and has no address.
    #[error("{dock} runs and has no address: check its network interface in the AWS console")]
    NoAddress { dock: String },
    /// The copy of the disk has failed.
    #[error("the snapshot {snapshot} of {dock} has failed, so nothing was destroyed: run the command again")]
    SnapshotFailed { dock: String, snapshot: String },
    /// The instance has no disk that could be kept.
    #[error("{dock} has no disk to keep: run the command without --keep-data")]
    NoDisk { dock: String },
    /// EC2 does not respond in time.
    #[error("EC2 in {region} did not respond within {seconds} s, so the states of its docks are not known")]
    Slow { region: String, seconds: u64 },
    /// The credentials are not those for the docks.
    #[error(
        "your credentials are for account {of_caller}, and docks are in {of_records}: set AWS_PROFILE to a profile of that \
         account to see their states"
    )]
    OtherAccount { of_records: String, of_caller: String },
}
