//! Tasks that the processors of the machine share.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Tasks that wait. Whoever is free takes the one that was added last, so that what a task leaves to be done is done before
/// the next of its kind is begun.
pub struct Tasks<T> {
    open: Mutex<Open<T>>,
    changed: Condvar,
}

struct Open<T> {
    waiting: Vec<T>,
    /// How many are being done; each may add others.
    busy: usize,
}

/// Does the tasks, the first one first, and all that they add, on so many threads.
pub fn share<T: Send>(threads: usize, mut first: Vec<T>, work: impl Fn(T, &Tasks<T>) + Sync) {
    first.reverse();
    let tasks = Tasks {
        open: Mutex::new(Open {
            waiting: first,
            busy: 0,
        }),
        changed: Condvar::new(),
    };
    let help = || {
        while let Some(task) = tasks.take() {
            let _done = Busy(&tasks);
            work(task, &tasks);
        }
    };
    // A panic in a thread is passed on when the scope ends.
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(help);
        }
        help();
    });
}

impl<T> Tasks<T> {
    /// One more.
    pub fn add(&self, task: T) {
        self.lock().waiting.push(task);
        self.changed.notify_one();
    }

    /// The next one; `None` when all is done. While others are at work, they may still add some.
    fn take(&self) -> Option<T> {
        let mut open = self.lock();
        loop {
            if let Some(task) = open.waiting.pop() {
                open.busy += 1;
                return Some(task);
            }
            if open.busy == 0 {
                return None;
            }
            open = self.changed.wait(open).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open<T>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task that is being done, until it is dropped.
struct Busy<'t, T>(&'t Tasks<T>);

impl<T> Drop for Busy<'_, T> {
    fn drop(&mut self) {
        let mut open = self.0.lock();
        open.busy -= 1;
        if open.busy == 0 {
            self.0.changed.notify_all();
        }
    }
}
