// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A member that lags: it lists what its leader knows, as a linearizable read does, at revision 10; its watches speak of
 * revision 7, and come to the event of revision 11 when they are told to.
 */
final class LaggingEtcd implements AutoCloseable {
    /** When each list was asked for. */
    final List<Long> listedNanos = new CopyOnWriteArrayList<>();

    private final Server server;
    private volatile @Nullable StreamObserver<WatchResponse> watch;

    LaggingEtcd() throws IOException {
        server = NettyServerBuilder.forPort(0)
                .addService(new Lists())
                .addService(new Watches())
                .build()
                .start();
    }

    int port() {
        return server.getPort();
    }

    /** What a watch is told again and again. */
    void sayOld() {
        tell(answer(7).build());
    }

    /** Events of before the list, which nobody asked for, and one of after it. */
    void catchUp() {
        tell(answer(11).addEvents(put("leaves", 5)).addEvents(put("new", 11)).build());
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private void tell(WatchResponse answer) {
        StreamObserver<WatchResponse> current = watch;
        if (current != null) {
            try {
                current.onNext(answer);
            } catch (RuntimeException ended) {
                // The client has dropped this watch and will make another.
                return;
            }
        }
    }

    private static WatchResponse.Builder answer(long revision) {
        return WatchResponse.newBuilder().setHeader(header(revision));
    }

    private static ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder().setRevision(revision).build();
    }

    private static Event put(String id, long revision) {
        return Event.newBuilder().setKv(entry(id, revision)).build();
    }

    private static KeyValue entry(String id, long revision) {
        return KeyValue.newBuilder()
                .setKey(ByteString.copyFrom("services/orders/" + id, UTF_8))
                .setValue(ByteString.copyFrom("{\"Op\":0,\"Addr\":\"10.0.0.1:80\"}", UTF_8))
                .setModRevision(revision)
                .build();
    }

    private final class Lists extends KVGrpc.KVImplBase {
        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> answers) {
            listedNanos.add(System.nanoTime());
            answers.onNext(RangeResponse.newBuilder()
                    .setHeader(header(10))
                    .addKvs(entry("stays", 4))
                    .build());
            answers.onCompleted();
        }
    }

    private final class Watches extends WatchGrpc.WatchImplBase {
        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> answers) {
            return new StreamObserver<>() {
                @Override
                public void onNext(WatchRequest request) {
                    if (request.hasCreateRequest()) {
                        answers.onNext(answer(7).setCreated(true).build());
                        watch = answers;
                    }
                }

                @Override
                public void onError(Throwable gone) {}

                @Override
                public void onCompleted() {
                    answers.onCompleted();
                }
            };
        }
    }
}
