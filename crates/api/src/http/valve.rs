//! Connections that are not read while what they bring has to wait. The server reads what comes before anybody asks for it, 128 KiB of each connection
//! in memory that doubles as it fills. What that is worth: crates/api/BENCHMARKS.md.

use std::{
    cell::{Cell, RefCell},
    io::{self, IoSlice},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use actix_rt::net::TcpStream;
use actix_web::HttpRequest;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// After so many bytes what came is looked at, and may shut the valve. Less than a power of two by more than the 1 KiB that the server has free
/// before it reads: memory that is full is doubled first.
const AT_ONCE_BYTES: usize = 24 << 10;

/// Of one connection: open, but where somebody holds it shut.
#[derive(Clone, Debug, Default)]
pub(crate) struct Valve(Rc<State>);

#[derive(Debug, Default)]
struct State {
    shut: Cell<usize>,
    reader: RefCell<Option<Waker>>,
}

impl Valve {
    /// Shut until what this gives is dropped: the bytes of the request wait with the client. A request that came on no connection has nothing to wait.
    pub(crate) fn shut(request: &HttpRequest) -> Option<Shut> {
        request.conn_data::<Self>().map(Self::hold)
    }

    fn hold(&self) -> Shut {
        self.0.shut.set(self.0.shut.get() + 1);
        Shut(self.clone())
    }
}

/// Keeps a valve shut.
#[derive(Debug)]
pub(crate) struct Shut(Valve);

impl Drop for Shut {
    fn drop(&mut self) {
        let state = &self.0.0;
        state.shut.set(state.shut.get() - 1);
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
    }
}

/// A connection with its valve.
#[derive(Debug)]
pub(crate) struct Valved {
    stream: TcpStream,
    valve: Valve,
    /// Since nothing was there.
    taken: usize,
}

impl Valved {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, valve: Valve::default(), taken: 0 }
    }

    pub(crate) fn valve(&self) -> Valve {
        self.valve.clone()
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut TcpStream> {
        Pin::new(&mut self.get_mut().stream)
    }
}

impl AsyncRead for Valved {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.valve.0.shut.get() > 0 {
            self.valve.0.reader.replace(Some(context.waker().clone()));
            return Poll::Pending;
        }
        if self.taken >= AT_ONCE_BYTES {
            self.taken = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let (before, left) = (buffer.filled().len(), AT_ONCE_BYTES - self.taken);
        let read = if buffer.remaining() <= left {
            self.as_mut().stream().poll_read(context, buffer)
        } else {
            let mut part = ReadBuf::new(buffer.initialize_unfilled_to(left));
            let read = self.as_mut().stream().poll_read(context, &mut part);
            let n = part.filled().len();
            buffer.advance(n);
            read
        };
        self.taken = if read.is_ready() { self.taken + buffer.filled().len() - before } else { 0 };
        read
    }
}

impl AsyncWrite for Valved {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream().poll_write(context, bytes)
    }

    fn poll_write_vectored(self: Pin<&mut Self>, context: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.stream().poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Reads as the server does: until nothing is there.
    async fn read(connection: &mut Valved) -> Vec<u8> {
        let mut taken = Vec::new();
        std::future::poll_fn(|context| {
            loop {
                let mut bytes = [0; 8 << 10];
                let mut buffer = ReadBuf::new(&mut bytes);
                match Pin::new(&mut *connection).poll_read(context, &mut buffer) {
                    Poll::Ready(read) => read.unwrap(),
                    // Woken by what comes, or because there is more.
                    Poll::Pending if taken.is_empty() => return Poll::Pending,
                    Poll::Pending => return Poll::Ready(()),
                }
                if buffer.filled().is_empty() {
                    return Poll::Ready(());
                }
                taken.extend_from_slice(buffer.filled());
            }
        })
        .await;
        taken
    }

    #[actix_rt::test]
    async fn everything_comes_a_little_at_a_time_and_nothing_while_it_is_shut() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut connection = Valved::new(listener.accept().await.unwrap().0);
        let sent: Vec<u8> = (0..1 << 20).map(|n: u32| n.to_le_bytes()[1]).collect();
        let sending = actix_rt::spawn({
            let sent = sent.clone();
            async move {
                client.write_all(&sent).await.unwrap();
                client.shutdown().await.unwrap();
                let mut answer = String::new();
                client.read_to_string(&mut answer).await.unwrap();
                answer
            }
        });
        let mut came = read(&mut connection).await;
        let held = [connection.valve().hold(), connection.valve().hold()];
        let [first, last] = held;
        drop(first);
        assert!(tokio::time::timeout(Duration::from_millis(50), read(&mut connection)).await.is_err());
        // Whoever waits for it is woken.
        actix_rt::spawn(async move { drop(last) });
        loop {
            let taken = read(&mut connection).await;
            assert!(taken.len() <= AT_ONCE_BYTES, "{}", taken.len());
            if taken.is_empty() {
                break;
            }
            came.extend(taken);
        }
        assert!(came == sent);
        connection.write_all(b"thanks").await.unwrap();
        connection.shutdown().await.unwrap();
        assert_eq!(sending.await.unwrap(), "thanks");
    }
}
