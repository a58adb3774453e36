// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import io.fairlead.api.Subscription;
import io.fairlead.spi.DocumentFeed;
import io.fairlead.spi.DocumentSource;
import io.fairlead.spi.Environment;
import io.fairlead.spi.WatchLoop;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file as a source of documents, read by its path every second and compared by content: so it follows a rename onto it and
 * Kubernetes' exchange of the symbolic link {@code ..data}. What is seen counts when two looks in a row see the same, so that a
 * file that is written in place is not taken half; the first two looks are a tenth of a second apart. A mount by {@code subPath}
 * never changes. Safe for any thread.
 */
public final class FileDocumentSource implements DocumentSource {
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SECOND_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long BEAT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Path path;
    private final Environment environment;

    /** The file need not be there. */
    public FileDocumentSource(Path path, Environment environment) {
        this.path = Objects.requireNonNull(path, "path");
        this.environment = Objects.requireNonNull(environment, "environment");
    }

    @Override
    public String description() {
        return "file " + path;
    }

    @Override
    public Subscription watch(Listener listener) {
        Watch watch = new Watch(listener);
        watch.loop.start();
        return watch;
    }

    @Override
    public String toString() {
        return description();
    }

    /** What one look saw: a content, a failure, or with neither that there is no file. */
    private record Look(
            byte @Nullable [] content,
            String revision,
            @Nullable IOException failure) {
        boolean isSame(Look other) {
            return Arrays.equals(content, other.content) && message().equals(other.message());
        }

        private String message() {
            return failure == null ? "" : String.valueOf(failure.getMessage());
        }
    }

    private Look look() {
        try {
            BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
            if (!file.isRegularFile()) {
                // A pipe would hold the reader up for ever.
                return failed("is no regular file", null);
            }
            byte[] content;
            try (InputStream in = Files.newInputStream(path)) {
                content = in.readNBytes(MOST_BYTES + 1);
            }
            return content.length > MOST_BYTES
                    ? failed("is too long (expected: at most " + MOST_BYTES + " bytes)", null)
                    : new Look(content, file.lastModifiedTime().toString(), null);
        } catch (NoSuchFileException | NotDirectoryException absent) {
            return new Look(null, "", null);
        } catch (IOException unreadable) {
            return failed("can not be read: " + unreadable, unreadable);
        }
    }

    private Look failed(String message, @Nullable IOException cause) {
        return new Look(null, "", new IOException(description() + " " + message, cause));
    }

    /** Rounds of one watch; all of it but close belongs to the loop's queue. */
    private final class Watch implements WatchLoop.Rounds, Subscription {
        private final DocumentFeed feed;
        private final WatchLoop loop = new WatchLoop(description(), environment, BEAT_NANOS, this);
        private @Nullable Look before;

        Watch(Listener listener) {
            this.feed = new DocumentFeed(description(), environment, listener);
        }

        @Override
        public void round() {
            loop.next(before == null ? SECOND_LOOK_NANOS : LOOK_NANOS);
            take(look());
        }

        @Override
        public long failed(Throwable failure) {
            take(FileDocumentSource.this.failed("can not be read: " + failure, null));
            return LOOK_NANOS;
        }

        /** What two looks see alike counts. */
        private void take(Look now) {
            boolean isTwice = before != null && before.isSame(now);
            before = now;
            if (!isTwice) {
                return;
            }
            if (now.failure != null) {
                feed.failed(now.failure);
            } else if (now.content == null) {
                feed.absent();
            } else {
                feed.present(now.content, now.revision);
            }
        }

        @Override
        public void close() {
            feed.close();
            loop.close();
        }
    }
}
