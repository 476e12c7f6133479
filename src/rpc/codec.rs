//! How messages travel over gRPC: protobuf, where a message that can't be read is the caller's mistake
//! (`INVALID_ARGUMENT`), not the service's (`INTERNAL`).

use std::marker::PhantomData;

use prost::Message;
use tonic::Status;
use tonic::codec::{DecodeBuf, Decoder};
use tonic_prost::ProstEncoder;

use crate::both;

/// Writes `T` and reads `U`.
#[derive(Debug)]
pub struct Codec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for Codec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> tonic::codec::Codec for Codec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = Read<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> Self::Decoder {
        Read(PhantomData)
    }
}

/// Reads `U`.
#[derive(Debug)]
pub struct Read<U>(PhantomData<U>);

impl<U: Message + Default> Decoder for Read<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        U::decode(bytes).map(Some).map_err(|problem| {
            // Whose language the caller reads can't be told: the request that says so is the one that can't be read.
            let said = both!("请求读不出来：{problem}", "the request can't be read: {problem}");
            Status::invalid_argument(format!("{} / {}", said.en, said.zh))
        })
    }
}
