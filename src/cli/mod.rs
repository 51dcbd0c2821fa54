//! The command line: one file for each subcommand. Results go to standard output, problems to standard error.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a command line is for")]

mod ask;
mod check;
mod exit;
mod source;

use clap::{Parser, Subcommand};

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
  0  done; `check`: no findings; `verify`: no damage
  1  `check`: findings; `verify`: damage
  2  could not do it: bad arguments, unreadable or refused input, damaged store

Begin with:
  wherefore demo
  wherefore check examples/zhima-credit.yaml
  wherefore ask reach --facts examples/zhima-credit.yaml --field ride-fulfilment --to bank-east --subject lin";

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Check),
    Ask(ask::Ask),
}

/// Runs the command line.
pub fn run() -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::CouldNot } else { Exit::Clean };
        }
    };
    let result = match arguments.command {
        Command::Check(command) => command.run(),
        Command::Ask(command) => command.run(),
    };
    result.unwrap_or_else(|failure| {
        eprintln!("{failure}");
        Exit::CouldNot
    })
}
