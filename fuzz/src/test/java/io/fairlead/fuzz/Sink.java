// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Where the JDK's client puts a body, one for each way to read, and how often it was told of an end. */
final class Sink implements AutoCloseable {
    private final Plan.Reading reading;
    private final Seen seen;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final AtomicInteger ends = new AtomicInteger();
    private @Nullable Path file;

    Sink(Plan.Reading reading, Seen seen) {
        this.reading = reading;
        this.seen = seen;
    }

    BodyHandler<?> handler() throws IOException {
        return switch (reading) {
            case ALL -> BodyHandlers.ofByteArray();
            case HALF, CLOSE -> BodyHandlers.ofInputStream();
            case FILE -> {
                Path made = Files.createTempFile("fuzz", ".body");
                file = made;
                yield BodyHandlers.ofFile(made);
            }
            case CONSUMER ->
                BodyHandlers.ofByteArrayConsumer(part -> {
                    part.ifPresentOrElse(bytes::writeBytes, ends::incrementAndGet);
                });
            case LINES -> BodyHandlers.fromLineSubscriber(new Lines());
        };
    }

    /** What the caller has in hand, once the client gave it the answer. */
    void read(@Nullable Object body) throws IOException {
        switch (reading) {
            case ALL -> seen.body = (byte[]) body;
            case HALF, CLOSE -> {
                seen.isPartial = true;
                try (InputStream in = (InputStream) body) {
                    seen.body = reading == Plan.Reading.HALF ? in.readNBytes(20) : new byte[0];
                }
            }
            case FILE -> seen.body = Files.readAllBytes((Path) body);
            default -> {
                seen.body = bytes.toByteArray();
                seen.ends = ends.get();
            }
        }
    }

    private final class Lines implements Flow.Subscriber<String> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String line) {
            bytes.writeBytes((line + "\n").getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public void onError(Throwable failure) {
            ends.incrementAndGet();
        }

        @Override
        public void onComplete() {
            ends.incrementAndGet();
        }
    }

    @Override
    public void close() throws IOException {
        Path made = file;
        if (made != null) {
            Files.deleteIfExists(made);
        }
    }
}
