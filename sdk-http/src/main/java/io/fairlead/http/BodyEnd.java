// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import io.fairlead.balancer.Attempt;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * Passes a body on and closes its attempt at the end: all read, broken, or given up by the reader.
 *
 * @param <T> what the body becomes
 */
final class BodyEnd<T> implements BodySubscriber<T> {
    private final BodySubscriber<T> reader;
    private final Attempt attempt;

    BodyEnd(BodySubscriber<T> reader, Attempt attempt) {
        this.reader = reader;
        this.attempt = attempt;
    }

    @Override
    public CompletionStage<T> getBody() {
        return reader.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        reader.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long count) {
                subscription.request(count);
            }

            @Override
            public void cancel() {
                try {
                    subscription.cancel();
                } finally {
                    attempt.close();
                }
            }
        });
    }

    @Override
    public void onNext(List<ByteBuffer> part) {
        reader.onNext(part);
    }

    @Override
    public void onError(Throwable failure) {
        try {
            reader.onError(failure);
        } finally {
            attempt.close();
        }
    }

    @Override
    public void onComplete() {
        try {
            reader.onComplete();
        } finally {
            attempt.close();
        }
    }
}
