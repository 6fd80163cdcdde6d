//! The terraform commands of one import or one build: same folder, same environment, same log.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use super::{
    command::{Command, Ended, Output, Stopped},
    environment::Environment,
    stream::Stream,
};
use crate::{
    engine::{LogLevel, LogLine, Observer, Timeouts},
    error::{Diagnostic, Error},
};

/// For short commands whose result nobody should wait for in vain.
const SHORT: Duration = Duration::from_secs(120);

#[derive(Clone)]
pub(crate) struct Run<'a> {
    pub program: &'a Path,
    pub folder: PathBuf,
    pub environment: Environment,
    pub timeouts: Timeouts,
    pub cancel: CancellationToken,
    pub hurry: CancellationToken,
    pub observer: &'a dyn Observer,
}

impl Run<'_> {
    /// Runs a command that speaks the JSON stream, and writes the build log meanwhile.
    pub async fn stream(
        &self,
        stage: &'static str,
        limit: Duration,
        arguments: &[&str],
    ) -> Result<Stream, Error> {
        self.watch(stage, limit, arguments, |_| {}).await
    }

    /// The same; `watch` sees what was said so far after each line.
    pub async fn watch(
        &self,
        stage: &'static str,
        limit: Duration,
        arguments: &[&str],
        mut watch: impl FnMut(&Stream) + Send,
    ) -> Result<Stream, Error> {
        let mut stream = Stream::default();
        let ended = self
            .command(limit, arguments)
            .stream(|output| {
                let lines = match output {
                    Output::Standard(line) => stream.line(&line),
                    Output::Error(line) => stream.plain(&String::from_utf8_lossy(&line), LogLevel::Warn),
                };
                self.log(stage, lines);
                watch(&stream);
            })
            .await;
        for address in &stream.in_flight {
            self.warn(stage, format!("{address} was not finished: it may exist without being in the state"));
        }
        ended.and_then(|ended| result(stage, limit, &ended, &stream)).map(|()| stream)
    }

    /// Runs `validate`: the whole configuration is checked, without any value that only a plan can know.
    pub async fn validate(&self, stage: &'static str) -> Result<Stream, Error> {
        let limit = self.timeouts.plan;
        let command = self.command(limit, &["validate", "-no-color", "-json"]);
        let (ended, document, error) = command.capture().await?;
        let mut stream = Stream::default();
        self.log(stage, stream.plain(&String::from_utf8_lossy(&error), LogLevel::Warn));
        self.log(stage, stream.document(&document));
        result(stage, limit, &ended, &stream).map(|()| stream)
    }

    /// Runs a command that prints one document.
    pub async fn capture(&self, stage: &'static str, arguments: &[&str]) -> Result<Vec<u8>, Error> {
        let (ended, document, error) = self.command(SHORT, arguments).capture().await?;
        if ended.status.success() {
            return Ok(document);
        }
        Err(failure(stage, SHORT, &ended, String::from_utf8_lossy(&error).into_owned()))
    }

    /// Reports what Hearth itself found wrong, like what terraform finds.
    pub fn fail(&self, stage: &'static str, problems: Vec<Diagnostic>) -> Error {
        let mut stream = Stream::default();
        for problem in problems {
            self.log(stage, stream.diagnostic(problem));
        }
        Error::Diagnostics(stream.diagnostics)
    }

    pub fn warn(&self, stage: &'static str, output: String) {
        self.observer.log(LogLine { level: LogLevel::Warn, stage, output });
    }

    fn log(&self, stage: &'static str, lines: Vec<(LogLevel, String)>) {
        for (level, output) in lines {
            self.observer.log(LogLine { level, stage, output });
        }
    }

    fn command(&self, limit: Duration, arguments: &[&str]) -> Command {
        Command {
            program: self.program.to_owned(),
            arguments: arguments.iter().map(OsString::from).collect(),
            folder: self.folder.clone(),
            environment: self.environment.entries(),
            limit,
            grace: self.timeouts.grace,
            cancel: self.cancel.clone(),
            hurry: self.hurry.clone(),
        }
    }
}

fn result(step: &'static str, limit: Duration, ended: &Ended, stream: &Stream) -> Result<(), Error> {
    if ended.status.success() {
        Ok(())
    } else if ended.stopped.is_none() && stream.has_errors() {
        Err(Error::Diagnostics(stream.diagnostics.clone()))
    } else {
        Err(failure(step, limit, ended, stream.tail()))
    }
}

fn failure(step: &'static str, limit: Duration, ended: &Ended, output: String) -> Error {
    match ended.stopped {
        Some(Stopped::Cancelled) => Error::Cancelled,
        Some(Stopped::TimedOut) => Error::TimedOut { step, seconds: limit.as_secs() },
        None => Error::Unexpected { step, status: ended.status.to_string(), output },
    }
}
