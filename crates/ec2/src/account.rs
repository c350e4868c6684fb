//! The account that calls go to: clients, region, echo, retries and signals.

use std::cell::RefCell;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant, SystemTime};

use dockerutils_aws::{Connection, Retries, Scope, connect};
use dockerutils_command::Runner;

use crate::call::{Call, CallError, Clients, SdkResult, whole_words};
use crate::calls::denied_action;
use crate::{Error, Words};

/// The interval of the checks for a signal: short enough that Ctrl-C feels immediate.
const POLL: Duration = Duration::from_millis(50);

/// How long a call that changes something may go on after a signal: its result saves a search for what it made.
const GRACE: Duration = Duration::from_secs(5);

/// Receives messages. This crate prints nothing but the echo of its calls, through the [`Runner`].
pub trait Observer {
    /// Receives a sentence for the user.
    fn note(&self, message: &str);
}

/// A caller's account in one region.
pub struct Account<'a> {
    clients: Clients,
    region: String,
    expires: Option<SystemTime>,
    profile: Option<String>,
    runner: Runner,
    observer: &'a dyn Observer,
    echoes_reads: bool,
    retries: RefCell<Option<Receiver<String>>>,
}

impl<'a> Account<'a> {
    /// Finds credentials and a region. The runner echoes calls and receives signals, `echoes_reads` extends the echo to
    /// calls that change nothing.
    ///
    /// # Errors
    /// Fails if there is no region, no profile of that name, or no usable credentials.
    pub async fn open(
        scope: Scope<'_>,
        runner: &Runner,
        observer: &'a dyn Observer,
        echoes_reads: bool,
    ) -> Result<Self, Error> {
        runner.watch_signals()?;
        let opened = interruptible(runner, async { Ok(connect(scope).await) }).await?;
        let Connection { config, region, expires } = opened.map_err(Error::from_connecting)?;
        let (retries, receiver) = Retries::new();
        let clients = Clients {
            ec2: aws_sdk_ec2::Client::from_conf(
                aws_sdk_ec2::config::Builder::from(&config).interceptor(retries.clone()).build(),
            ),
            sts: aws_sdk_sts::Client::from_conf(
                aws_sdk_sts::config::Builder::from(&config).interceptor(retries).build(),
            ),
            // The price list is served in few regions, and all of them have all prices.
            pricing: aws_sdk_pricing::Client::from_conf(
                aws_sdk_pricing::config::Builder::from(&config)
                    .region(aws_sdk_pricing::config::Region::from_static("us-east-1"))
                    .build(),
            ),
        };
        Ok(Account {
            clients,
            region,
            expires,
            profile: scope.profile.map(str::to_owned),
            runner: runner.clone(),
            observer,
            echoes_reads,
            retries: RefCell::new(Some(receiver)),
        })
    }

    /// Returns the same account for the work after a signal, which a further signal interrupts.
    ///
    /// # Errors
    /// Fails if the system refuses to watch signals.
    pub fn uninterrupted(&self) -> Result<Account<'a>, Error> {
        let runner = self.runner.uninterrupted();
        runner.watch_signals()?;
        Ok(Account {
            clients: self.clients.clone(),
            region: self.region.clone(),
            expires: self.expires,
            profile: self.profile.clone(),
            runner,
            observer: self.observer,
            echoes_reads: self.echoes_reads,
            retries: RefCell::new(self.retries.take()),
        })
    }

    /// Returns the region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Returns until when the credentials are valid; `None` if they do not end, or if it is not known.
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    /// Returns the profile that the user has chosen; `None` leaves it to the environment.
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// Returns the runner, for commands other than calls.
    pub fn runner(&self) -> &Runner {
        &self.runner
    }

    /// Reports a sentence to the user.
    pub fn note(&self, message: impl AsRef<str>) {
        self.observer.note(message.as_ref());
    }

    /// Returns the words of the `aws` command line of a call, as it is echoed.
    pub fn words<C: Call>(&self, call: &C) -> Words {
        whole_words(call, &self.region, self.profile())
    }

    /// Echoes and makes a call. A signal ends one that only reads at once; one with an effect gets some seconds more.
    ///
    /// # Errors
    /// Returns [`Error::Call`] if it fails, and [`Error::Command`] if it has not ended in time after a signal: then it may
    /// have taken effect.
    pub async fn call<C: Call>(&self, call: &C) -> Result<C::Output, Error> {
        self.make(call, C::READS).await
    }

    /// Makes a call that this time has no effect, such as a dry run.
    ///
    /// # Errors
    /// Fails as [`call`](Self::call) does.
    pub async fn read<C: Call>(&self, call: &C) -> Result<C::Output, Error> {
        self.make(call, true).await
    }

    async fn make<C: Call>(&self, call: &C, reads: bool) -> Result<C::Output, Error> {
        self.runner.check_interrupted()?;
        if self.echoes_reads || !reads {
            self.runner.echo(&[self.words(call).command()]);
        }
        let grace = if reads { Duration::ZERO } else { GRACE };
        let sent = self.within(grace, call.send(&self.clients)).await;
        self.report_retries();
        match sent? {
            Ok(output) => Ok(output),
            Err(error) => Err(self.explained(CallError::new(call, &self.region, &error)).await),
        }
    }

    /// Returns the error of a call with the action that is denied, as far as the caller may know it.
    async fn explained(&self, mut error: CallError) -> Error {
        if error.is_denied() {
            let decoded = async { Ok(denied_action(&self.clients, &error.message).await) };
            let decoded = interruptible(&self.runner, decoded).await.unwrap_or_default();
            error.denied_action = decoded.filter(|action| action != error.action);
        }
        error.into()
    }

    /// Echoes a call with an effect, and makes it unless this is a dry run.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn apply<C: Call<Output = ()>>(&self, call: &C) -> Result<(), Error> {
        if self.runner.is_dry_run() {
            self.runner.echo(&[self.words(call).command()]);
            return Ok(());
        }
        self.call(call).await
    }

    /// Waits for a time, unless a signal arrives.
    ///
    /// # Errors
    /// After a signal, returns an error for which [`Error::is_interrupted`] is true.
    pub async fn pause(&self, time: Duration) -> Result<(), Error> {
        interruptible(&self.runner, async {
            tokio::time::sleep(time).await;
            Ok(())
        })
        .await
    }

    async fn within<T, E>(
        &self,
        grace: Duration,
        work: impl Future<Output = SdkResult<T, E>>,
    ) -> Result<SdkResult<T, E>, Error> {
        let signal = async {
            let mut since = None;
            loop {
                tokio::time::sleep(POLL).await;
                self.report_retries();
                if let Err(interrupted) = self.runner.check_interrupted()
                    && since.get_or_insert_with(Instant::now).elapsed() >= grace
                {
                    return Error::from(interrupted);
                }
            }
        };
        // `biased`: a call that has just ended is not reported as interrupted.
        tokio::select! {
            biased;
            done = work => Ok(done),
            interrupted = signal => Err(interrupted),
        }
    }

    /// Reports on the caller's thread, not from within the SDK, that calls are tried again.
    fn report_retries(&self) {
        if let Some(retries) = &*self.retries.borrow() {
            retries.try_iter().for_each(|sentence| self.observer.note(&sentence));
        }
    }
}

/// Runs work until it ends or a signal arrives.
async fn interruptible<T>(runner: &Runner, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let signal = async {
        loop {
            if let Err(interrupted) = runner.check_interrupted() {
                return Error::from(interrupted);
            }
            tokio::time::sleep(POLL).await;
        }
    };
    tokio::select! {
        biased;
        done = work => done,
        interrupted = signal => Err(interrupted),
    }
}

/// Runs asynchronous work to its end.
///
/// # Errors
/// Returns the error of the work, or that of the system if it refuses the means to make connections.
pub fn block_on<T, E: From<Error>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    // One thread is enough for calls that all wait for the network.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::from(dockerutils_aws::Error::from(error)))?;
    let result = runtime.block_on(work);
    // Dropping the runtime would wait for its blocking threads, and a DNS look-up can take long.
    runtime.shutdown_background();
    result
}
