//! The command line: one file for each subcommand. Results go to standard output, problems to standard error.
#![expect(clippy::print_stderr, reason = "problems are told on standard error")]

mod ask;
mod baseline;
mod check;
mod diff;
mod events;
mod exit;
mod export;
mod import;
mod init;
mod judging;
mod map;
mod out;
mod output;
mod packs;
mod project;
#[cfg(feature = "server")]
mod query;
#[cfg(feature = "server")]
mod serve;
mod source;
mod store;
mod tree;

use clap::{Args, CommandFactory as _, Parser, Subcommand};

pub use exit::Exit;

/// Where personal data went, and what for.
///
/// Wherefore keeps facts about personal data (fields, processors, purposes, authorizations, and every act of sharing
/// or transfer with its time) and answers whether a field, or anything made from it, ever reached somebody who was
/// not authorized or crossed a border, with the chain of acts that proves it and the clause it breaks.
#[derive(Debug, Parser)]
#[command(name = "wherefore", version, max_term_width = 100, after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done; `check`: no such findings; `verify`: no damage
  1  `check`: findings that `--fail-on` and `--baseline` do not excuse; `verify`: damage
  2  could not do it: bad arguments, unreadable or refused input, damaged store

Begin with:
  wherefore demo
  wherefore check examples/zhima-credit.yaml
  wherefore ask reach --facts examples/zhima-credit.yaml --field ride-fulfilment --to bank-east --subject lin";

#[derive(Debug, Subcommand)]
enum Command {
    #[cfg(feature = "server")]
    Demo(serve::Demo),
    Check(Box<check::Check>),
    Diff(Box<diff::Diff>),
    Init(init::Init),
    Ask(Box<ask::Ask>),
    Packs(packs::List),
    Import(import::Import),
    Export(export::Export),
    Map(map::Map),
    #[cfg(feature = "server")]
    Serve(serve::Serve),
    #[cfg(feature = "server")]
    Query(query::Query),
    Verify(store::Verify),
    Log(store::Log),
    #[cfg(feature = "server")]
    Schema(query::Schema),
    Completions(Completions),
}

/// Print shell completions: `wherefore completions bash > /etc/bash_completion.d/wherefore`.
#[derive(Debug, Args)]
struct Completions {
    /// For this shell.
    shell: clap_complete::Shell,
}

/// Runs the command line.
pub fn run() -> Exit {
    log_to_stderr();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let told = error.print();
            return if error.use_stderr() || told.is_err() {
                Exit::CouldNot
            } else {
                Exit::Clean
            };
        }
    };
    let result = match arguments.command {
        #[cfg(feature = "server")]
        Command::Demo(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Diff(command) => command.run(),
        Command::Init(command) => command.run(),
        Command::Ask(command) => command.run(),
        Command::Packs(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Map(command) => command.run(),
        #[cfg(feature = "server")]
        Command::Serve(command) => command.run(),
        #[cfg(feature = "server")]
        Command::Query(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Log(command) => command.run(),
        #[cfg(feature = "server")]
        Command::Schema(command) => Ok(command.run()),
        Command::Completions(command) => {
            let mut script = Vec::new();
            clap_complete::generate(command.shell, &mut Arguments::command(), "wherefore", &mut script);
            out::out!("{}", String::from_utf8_lossy(&script));
            Ok(Exit::Clean)
        }
    };
    result.unwrap_or_else(|failure| {
        eprintln!("{failure}");
        Exit::CouldNot
    })
}

/// Events of the program go to standard error, warnings and worse unless `WHEREFORE_LOG` asks for more. Of the storage
/// engine only errors: it warns of its own housekeeping.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("WHEREFORE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,wherefore::store::rocksdb=error"));
    // A second call, as in tests, keeps the first.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
