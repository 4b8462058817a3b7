//! Lines on their way to stderr.
//!
//! Lines are collected in a buffer, and a separate thread writes them. Otherwise, a parent process
//! that never reads ecmock's stderr would block it as soon as the pipe is full. A write per line
//! would also cost more than the line.

use std::{
    io::{self, ErrorKind, Write},
    mem,
    sync::{Arc, Condvar, OnceLock},
    thread,
    time::Duration,
};

use crate::lock::{Lock, wait_while, wait_while_up_to};

/// Maximum size of the lines that wait to be written. Further lines are dropped and counted.
const WAITING_BYTES_MAX: usize = 1024 * 1024;
/// Time between a first line and its write, for further lines to arrive.
const FIRST_TIME: Duration = Duration::from_millis(1);
/// Time between writes under load. A killed process loses at most the lines of this time.
const LOAD_TIME: Duration = Duration::from_millis(5);
/// Maximum size of a write, except for a longer line. Linux never divides a write of this size to a
/// pipe, even if other processes write to the same pipe.
const WRITE_BYTES_MAX: usize = 4096;
/// Time between attempts to write to a stderr that does not block.
const RETRY_TIME: Duration = Duration::from_millis(1);
/// Time limit for writing the last lines at the end.
const FINISH_TIME_MAX: Duration = Duration::from_millis(50);

/// A bounded queue of lines. It drops a line rather than delay a call.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Lock<Waiting>,
    /// Notified for the writing thread: a first line waits, or the end begins.
    wanted: Condvar,
    /// Notified when the last lines are written.
    ended: Condvar,
}

/// Lines that wait to be written.
#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    /// Number of lines dropped after `lines`.
    dropped: usize,
    /// Whether the writing thread waits for a first line, and has not been notified.
    is_writer_idle: bool,
    phase: Phase,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// [`Queue::finish`] waits for the last lines.
    Ending,
    /// The last lines are written.
    Ended,
}

impl Waiting {
    /// Adds a line, or drops it if the queue is full. Returns whether to notify the writing thread.
    ///
    /// Once a line is dropped, the following lines are dropped until the next batch, so that all
    /// dropped lines belong after `lines`.
    fn push(&mut self, line: &[u8]) -> bool {
        if self.dropped > 0 || line.len() > WAITING_BYTES_MAX - self.lines.len() {
            self.dropped += 1;
        } else {
            self.lines.extend_from_slice(line);
        }
        mem::take(&mut self.is_writer_idle)
    }

    fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.dropped == 0
    }

    /// Moves all lines to `batch`.
    fn take(&mut self, batch: &mut Batch) {
        batch.lines.clear();
        mem::swap(&mut self.lines, &mut batch.lines);
        batch.is_last = self.phase != Phase::Open;
        let dropped = mem::take(&mut self.dropped);
        if dropped > 0 {
            let notice = format!("dropped {dropped} log lines: stderr is not being read\n");
            batch.lines.extend_from_slice(notice.as_bytes());
        }
    }
}

impl Queue {
    /// Adds a line, which ends with a line break.
    fn push(&self, line: &[u8]) {
        let wakes_writer = self.waiting.lock().push(line);
        if wakes_writer {
            self.wanted.notify_one();
        }
    }

    /// Writes lines until [`Queue::finish`] is called. Errors of `out` are ignored.
    fn write_to(&self, out: &mut impl Write) {
        let mut batch = Batch::default();
        while !batch.is_last {
            self.await_batch(&mut batch);
            write_lines(out, &batch.lines);
        }
        self.waiting.lock().phase = Phase::Ended;
        self.ended.notify_all();
    }

    /// Collects lines, and moves them to `batch`. Waits for a first line if there is none.
    ///
    /// Under load, the thread wakes up once per [`LOAD_TIME`], and no call wakes it.
    fn await_batch(&self, batch: &mut Batch) {
        let is_open = |it: &mut Waiting| it.phase == Phase::Open;
        let collect = |waiting, time| wait_while_up_to(&self.wanted, waiting, time, is_open);
        let mut waiting = collect(self.waiting.lock(), LOAD_TIME);
        if waiting.is_empty() {
            waiting.is_writer_idle = true;
            waiting = wait_while(&self.wanted, waiting, |it| it.is_empty() && is_open(it));
            waiting.is_writer_idle = false;
            waiting = collect(waiting, FIRST_TIME);
        }
        waiting.take(batch);
    }

    fn finish(&self) {
        let mut waiting = self.waiting.lock();
        if waiting.phase == Phase::Open {
            waiting.phase = Phase::Ending;
            self.wanted.notify_one();
        }
        let is_ending = |it: &mut Waiting| it.phase == Phase::Ending;
        drop(wait_while_up_to(&self.ended, waiting, FINISH_TIME_MAX, is_ending));
    }

    /// Takes the lines that wait.
    #[cfg(test)]
    pub(super) fn take_all(&self) -> String {
        let mut batch = Batch::default();
        self.waiting.lock().take(&mut batch);
        String::from_utf8(batch.lines).unwrap()
    }
}

/// The lines of the log. A thread writes them to stderr, from the first line on.
#[derive(Debug, Default)]
pub(super) struct Lines {
    queue: Arc<Queue>,
    /// Whether the thread has been started.
    writer: OnceLock<()>,
}

impl Lines {
    /// Adds a line, which ends with a line break.
    pub(super) fn push(&self, line: &[u8]) {
        self.queue.push(line);
        self.writer.get_or_init(|| {
            let queue = Arc::clone(&self.queue);
            // Without the thread, the lines are dropped once the queue is full.
            _ = thread::Builder::new().spawn(move || queue.write_to(&mut io::stderr()));
        });
    }

    /// Waits until all lines are written, for [`FINISH_TIME_MAX`] at most.
    pub(super) fn finish(&self) {
        if self.writer.get().is_some() {
            self.queue.finish();
        }
    }

    /// Returns the queue, which no thread empties.
    #[cfg(test)]
    pub(super) fn queue(&self) -> &Queue {
        self.writer.get_or_init(|| {});
        &self.queue
    }
}

/// Adds a line per call.
impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lines to write together.
#[derive(Debug, Default)]
struct Batch {
    lines: Vec<u8>,
    /// Whether the queue has ended.
    is_last: bool,
}

/// Writes lines with few writes, each of whole lines.
fn write_lines(out: &mut impl Write, mut lines: &[u8]) {
    while !lines.is_empty() {
        let (chunk, rest) = lines.split_at(chunk_bytes(lines));
        write_all(out, chunk);
        lines = rest;
    }
}

/// Returns the size of as many whole lines as fit into a write, or of the first line if it is longer.
fn chunk_bytes(lines: &[u8]) -> usize {
    let Some(head) = lines.get(..WRITE_BYTES_MAX) else { return lines.len() };
    let is_end = |it: &u8| *it == b'\n';
    let end = head.iter().rposition(is_end).or_else(|| lines.iter().position(is_end));
    end.map_or(lines.len(), |end| end + 1)
}

/// Writes bytes. If stderr does not block, retries until it takes them.
fn write_all(out: &mut impl Write, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match out.write(bytes) {
            Ok(0) => return,
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => {}
                ErrorKind::WouldBlock => thread::sleep(RETRY_TIME),
                _ => return,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{io::PipeReader, io::Read as _};

    use super::*;

    /// A stderr that records its writes.
    #[derive(Debug, Default)]
    struct Sink {
        writes: Vec<String>,
        /// Errors of the first writes.
        errors: Vec<ErrorKind>,
        /// Maximum size of a write. Unlimited if 0.
        write_bytes_max: usize,
    }

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if let Some(error) = self.errors.pop() {
                return Err(error.into());
            }
            let written = match self.write_bytes_max {
                0 => bytes.len(),
                max => bytes.len().min(max),
            };
            self.writes.push(String::from_utf8(bytes[..written].to_vec()).unwrap());
            Ok(written)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines(numbers: std::ops::Range<usize>) -> String {
        numbers.fold(String::new(), |text, number| text + &format!("line {number}\n"))
    }

    fn push_all(queue: &Queue, text: &str) {
        for line in text.split_inclusive('\n') {
            queue.push(line.as_bytes());
        }
    }

    #[test]
    fn only_the_first_line_wakes_the_idle_writer() {
        let mut waiting = Waiting { is_writer_idle: true, ..Waiting::default() };
        assert!(waiting.push(b"a\n"));
        assert!(!waiting.push(b"b\n"));
        waiting.take(&mut Batch::default());
        assert!(!waiting.push(b"c\n"), "the writer is writing");
    }

    #[test]
    fn a_dropped_line_wakes_the_idle_writer() {
        let mut waiting = Waiting { is_writer_idle: true, ..Waiting::default() };
        assert!(waiting.push(&vec![b'x'; WAITING_BYTES_MAX + 1]));
        assert!(!waiting.is_empty());
    }

    #[test]
    fn lines_beyond_the_bound_are_dropped_and_counted_in_their_place() {
        let queue = Queue::default();
        let long = format!("{}\n", "x".repeat(WAITING_BYTES_MAX - 3));
        push_all(&queue, &long);
        push_all(&queue, "ab\na\n\n");
        let taken = queue.take_all();
        let notice = "dropped 3 log lines: stderr is not being read\n";
        assert_eq!(taken.strip_prefix(&long), Some(notice));
        push_all(&queue, "after\n");
        assert_eq!(queue.take_all(), "after\n");
    }

    #[test]
    fn lines_up_to_the_bound_are_kept() {
        let queue = Queue::default();
        let text = "x".repeat(1023) + "\n";
        for _ in 0..1024 {
            queue.push(text.as_bytes());
        }
        assert_eq!(queue.take_all(), text.repeat(1024));
    }

    #[test]
    fn waiting_lines_are_one_write() {
        let queue = Queue::default();
        push_all(&queue, &lines(0..100));
        let mut sink = Sink::default();
        queue.waiting.lock().phase = Phase::Ending;
        queue.write_to(&mut sink);
        assert_eq!(sink.writes, [lines(0..100)]);
    }

    #[test]
    fn a_long_batch_is_divided_between_lines() {
        let mut sink = Sink::default();
        let long = "x".repeat(2 * WRITE_BYTES_MAX) + "\n";
        let text = [lines(0..1000), long.clone(), lines(0..1000)].concat();
        write_lines(&mut sink, text.as_bytes());
        assert_eq!(sink.writes.concat(), text);
        for write in &sink.writes {
            assert!(write.ends_with('\n'), "{write}");
            assert!(write.len() <= WRITE_BYTES_MAX || *write == long, "{write}");
        }
        assert!(sink.writes.len() <= text.len() / WRITE_BYTES_MAX + 2, "{}", sink.writes.len());
    }

    #[test]
    fn a_full_pipe_and_an_interruption_lose_nothing() {
        let mut sink = Sink { write_bytes_max: 5, ..Sink::default() };
        sink.errors = vec![ErrorKind::WouldBlock, ErrorKind::Interrupted];
        write_lines(&mut sink, lines(0..10).as_bytes());
        assert_eq!(sink.writes.concat(), lines(0..10));
    }

    #[test]
    fn a_closed_stderr_ends_the_write() {
        let mut sink = Sink { errors: vec![ErrorKind::BrokenPipe], ..Sink::default() };
        write_lines(&mut sink, b"line\n");
        assert_eq!(sink.writes, [""; 0]);
    }

    #[test]
    fn finish_writes_all_lines_in_their_order() {
        let queue = Queue::default();
        let mut sink = Sink::default();
        thread::scope(|scope| {
            let writer = scope.spawn(|| queue.write_to(&mut sink));
            push_all(&queue, &lines(0..1000));
            queue.finish();
            writer.join().unwrap();
        });
        assert_eq!(queue.waiting.lock().phase, Phase::Ended);
        assert_eq!(sink.writes.concat(), lines(0..1000));
    }

    #[test]
    fn finish_does_not_wait_for_a_stderr_that_is_not_read() {
        let queue = Queue::default();
        let (unread, mut pipe) = io::pipe().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| queue.write_to(&mut pipe));
            push_all(&queue, &lines(0..100_000));
            queue.finish();
            assert_eq!(queue.waiting.lock().phase, Phase::Ending);
            drop::<PipeReader>(unread);
        });
    }

    #[test]
    fn lines_of_threads_are_neither_split_nor_lost() {
        let queue = Queue::default();
        let (mut reader, mut pipe) = io::pipe().unwrap();
        let mut read = String::new();
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                queue.write_to(&mut pipe);
                drop(pipe);
            });
            let pushing = [0, 1000, 2000].map(|first| {
                let queue = &queue;
                scope.spawn(move || push_all(queue, &lines(first..first + 1000)))
            });
            let reading = scope.spawn(|| reader.read_to_string(&mut read).unwrap());
            for thread in pushing {
                thread.join().unwrap();
            }
            queue.finish();
            writer.join().unwrap();
            reading.join().unwrap();
        });
        for first in [0, 1000, 2000] {
            let number = |line: &str| line.strip_prefix("line ").unwrap().parse::<usize>().unwrap();
            let of_thread =
                read.lines().map(number).filter(|it| (first..first + 1000).contains(it));
            assert!(of_thread.eq(first..first + 1000), "{first}");
        }
        assert_eq!(read.lines().count(), 3000);
    }
}
