//! The same handles in async code, with and without a runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use magnetiq_storage::{Error, Options};

use crate::support::{Gate, add, block_on, notes, poll_once, texts};

#[test]
fn any_executor_will_do() {
    let store = notes(Options::default());
    let seen = block_on(async {
        store.write(|tx| add(tx, "one")).await?;
        store.write(|tx| add(tx, "two")).await?;
        store.read(|conn| Ok(conn.query_row("SELECT count(*) FROM note", [], |row| row.get::<_, i64>(0))?)).await
    });
    assert_eq!(seen.unwrap(), 2);
}

#[test]
fn a_task_that_awaits_does_not_block_its_thread() {
    let store = notes(Options::default());
    let gate = Gate::close(&store);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async move {
        let write = tokio::spawn(store.write(|tx| add(tx, "late")));
        let (go_on, may_go_on) = std::sync::mpsc::channel();
        let read = tokio::spawn(store.read(move |_| {
            may_go_on.recv().unwrap();
            Ok(())
        }));
        // With its only thread blocked, the runtime would never come here, and the gate would stay closed.
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!write.is_finished() && !read.is_finished());
        go_on.send(()).unwrap();
        gate.open().unwrap();
        write.await.unwrap().unwrap();
        read.await.unwrap().unwrap();
    });
}

#[test]
fn a_handle_can_be_polled_first_and_waited_for_later() {
    let store = notes(Options::default());
    let gate = Gate::close(&store);
    let mut write = store.write(|tx| add(tx, "one"));
    assert!(poll_once(&mut write).is_pending());
    let (send, hold) = std::sync::mpsc::channel::<()>();
    let mut read = store.read(move |_| {
        let _ = hold.recv();
        Ok(5)
    });
    assert!(poll_once(&mut read).is_pending());
    send.send(()).unwrap();
    gate.open().unwrap();
    write.wait().unwrap();
    assert_eq!(read.wait().unwrap(), 5);
}

#[test]
fn a_dropped_read_that_has_not_begun_never_runs() {
    let store = notes(Options::default().readers(1));
    let (send, hold) = std::sync::mpsc::channel::<()>();
    let mut first = store.read(move |_| {
        let _ = hold.recv();
        Ok(())
    });
    assert!(poll_once(&mut first).is_pending());
    let ran = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&ran);
    let mut dropped = store.read(move |_| {
        flag.store(true, Ordering::SeqCst);
        Ok(())
    });
    assert!(poll_once(&mut dropped).is_pending());
    drop(dropped);
    send.send(()).unwrap();
    first.wait().unwrap();
    block_on(store.read(|_| Ok(()))).unwrap();
    assert!(!ran.load(Ordering::SeqCst));
}

#[test]
fn too_many_awaited_reads_are_refused_and_late_ones_are_not_run() {
    let store = notes(Options::default().readers(1).queue_limit(1).read_deadline(Duration::from_millis(200)));
    let (send, hold) = std::sync::mpsc::channel::<()>();
    let (entered, inside) = std::sync::mpsc::channel();
    let mut running = store.read(move |_| {
        entered.send(()).unwrap();
        let _ = hold.recv();
        Ok(())
    });
    assert!(poll_once(&mut running).is_pending());
    inside.recv().unwrap();
    let mut late = store.read(|_| Ok(()));
    assert!(poll_once(&mut late).is_pending());
    assert!(matches!(block_on(store.read(|_| Ok(()))), Err(Error::Busy { waited: Duration::ZERO })));
    std::thread::sleep(Duration::from_millis(300));
    send.send(()).unwrap();
    running.wait().unwrap();
    assert!(matches!(late.wait(), Err(Error::Busy { waited }) if waited > Duration::ZERO));
    assert_eq!(texts(&store), [""; 0]);
}
