// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Receives a hop's answer and keeps its body unread. An exchange that is cancelled while its headers arrive hands out no
 * response, but has a body that somebody must end. Safe for any thread; belongs to one exchange.
 */
final class HeldBody implements BodyHandler<Flow.Publisher<List<ByteBuffer>>> {
    private final Consumer<ResponseInfo> onHeaders;
    private volatile @Nullable ResponseInfo info;
    private volatile @Nullable BodySubscriber<Flow.Publisher<List<ByteBuffer>>> held;
    private volatile boolean unwanted;

    HeldBody(Consumer<ResponseInfo> onHeaders) {
        this.onHeaders = onHeaders;
    }

    /** Status and headers, once they have come. */
    @Nullable
    ResponseInfo info() {
        return info;
    }

    @Override
    public BodySubscriber<Flow.Publisher<List<ByteBuffer>>> apply(ResponseInfo received) {
        info = received;
        onHeaders.accept(received);
        BodySubscriber<Flow.Publisher<List<ByteBuffer>>> body = BodySubscribers.ofPublisher();
        held = body;
        if (unwanted) {
            cut();
        }
        return body;
    }

    /** No response is handed out: a body that came, or comes yet, is ended. */
    void cut() {
        unwanted = true;
        BodySubscriber<Flow.Publisher<List<ByteBuffer>>> body = held;
        if (body != null) {
            body.getBody().thenAccept(Leftovers::cut);
        }
    }
}
