//! Standard output. A result that cannot be delivered must not look delivered: the program ends with exit code 2. It
//! says so, unless the reader has gone away (`wherefore check … | head`), who does not want to know.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write as _};

/// Prints at once.
pub fn print(text: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    deliver(out.write_fmt(text).and_then(|()| out.flush()));
}

/// Prints at once what is nice to know: whoever serves goes on when nobody reads.
pub fn tell(text: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_fmt(text).and_then(|()| out.flush());
}

/// Puts bytes out that are no text.
pub fn put(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    deliver(out.write_all(bytes).and_then(|()| out.flush()));
}

fn deliver(written: std::io::Result<()>) {
    let Err(error) = written else {
        return;
    };
    if error.kind() != ErrorKind::BrokenPipe {
        // Standard error may be gone as well; then only the exit code is left.
        let _ = writeln!(
            std::io::stderr(),
            "error[CLI_OUTPUT]: cannot write the result: {error}"
        );
    }
    std::process::exit(2);
}

/// Prints to standard output, as [`print`](fn@print).
macro_rules! out {
    ($($argument:tt)*) => { $crate::cli::out::print(format_args!($($argument)*)) };
}

/// Prints a line to standard output, as [`print`](fn@print).
macro_rules! outln {
    ($($argument:tt)*) => { $crate::cli::out::print(format_args!("{}\n", format_args!($($argument)*))) };
}

/// Prints a line to standard output, as [`tell`].
macro_rules! mention {
    ($($argument:tt)*) => { $crate::cli::out::tell(format_args!("{}\n", format_args!($($argument)*))) };
}

pub(super) use {mention, out, outln};
