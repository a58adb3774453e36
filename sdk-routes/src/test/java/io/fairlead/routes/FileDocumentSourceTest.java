// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Subscription;
import io.fairlead.spi.DocumentSource;
import io.fairlead.testkit.AnyThrowable;
import io.fairlead.testkit.RecordingDocuments;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that is written, replaced, damaged and removed, on virtual time. */
class FileDocumentSourceTest {
    @TempDir
    private Path folder;

    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final RecordingDocuments seen = new RecordingDocuments();

    @Test
    void aContentCountsWhenTwoLooksSeeTheSame() throws IOException {
        write("one");
        watch();
        assertThat(seen.told()).isEmpty();
        time.advance(Duration.ofMillis(100));
        assertThat(seen.told()).containsExactly("present one");
        write("half of tw");
        time.advance(Duration.ofSeconds(1));
        write("two");
        time.advance(Duration.ofSeconds(1));
        assertThat(seen.told()).containsExactly("present one");
        time.advance(Duration.ofSeconds(1));
        assertThat(seen.told()).containsExactly("present one", "present two");
        time.advance(Duration.ofSeconds(10));
        assertThat(seen.told()).containsExactly("present one", "present two");
    }

    /** The length and the time of a file may stay when its content changes. */
    @Test
    void aFileIsComparedByItsContent() throws IOException {
        write("one");
        var stamp = Files.getLastModifiedTime(file());
        watch();
        time.advance(Duration.ofSeconds(1));
        write("two");
        Files.setLastModifiedTime(file(), stamp);
        time.advance(Duration.ofSeconds(2));
        assertThat(seen.told()).containsExactly("present one", "present two");
        Files.setLastModifiedTime(file(), FileTime.fromMillis(0));
        time.advance(Duration.ofSeconds(2));
        assertThat(seen.told()).hasSize(2);
    }

    /** A config map: the file is a link into {@code ..data}, itself a link, which a rename exchanges. */
    @Test
    void kubernetesExchangeOfALinkIsFollowed() throws IOException {
        map("..1", "one");
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("..1"));
        Files.createSymbolicLink(file(), Path.of("..data/routes.yaml"));
        watch();
        time.advance(Duration.ofSeconds(1));
        map("..2", "two");
        Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..2"));
        Files.move(folder.resolve("..data_tmp"), folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        Files.delete(folder.resolve("..1/routes.yaml"));
        time.advance(Duration.ofSeconds(2));
        assertThat(seen.told()).containsExactly("present one", "present two");
    }

    @Test
    void aFileThatIsNotThereIsAbsentAndOneThatComesBackIsToldAgain() throws IOException {
        watch();
        time.advance(Duration.ofSeconds(5));
        write("one");
        time.advance(Duration.ofSeconds(2));
        Files.delete(file());
        time.advance(Duration.ofSeconds(5));
        write("one");
        time.advance(Duration.ofSeconds(2));
        assertThat(seen.told()).containsExactly("absent", "present one", "absent", "present one");
    }

    /** As an editor that removes a file and writes it anew. */
    @Test
    void aFileThatIsAwayForAMomentIsNotAbsent() throws IOException {
        write("one");
        watch();
        time.advance(Duration.ofSeconds(1));
        Files.delete(file());
        time.advance(Duration.ofSeconds(1));
        write("two");
        time.advance(Duration.ofSeconds(2));
        assertThat(seen.told()).containsExactly("present one", "present two");
    }

    @Test
    void anEmptyFileIsPresent() throws IOException {
        write("");
        watch();
        time.advance(Duration.ofSeconds(1));
        assertThat(seen.told()).containsExactly("present ");
    }

    @Test
    void whatIsNoFileOrTooLongFailsOnceAndIsReadWhenItIsRight() throws IOException {
        Files.createDirectory(file());
        watch();
        time.advance(Duration.ofSeconds(5));
        assertThat(seen.told()).containsExactly("failed");
        assertThat(seen.failures().get(0)).hasMessage("file " + file() + " is no regular file");
        Files.delete(file());
        try (RandomAccessFile large = new RandomAccessFile(file().toFile(), "rw")) {
            large.setLength(DocumentSource.MOST_BYTES + 1L);
        }
        time.advance(Duration.ofSeconds(2));
        assertThat(seen.failures().get(1))
                .hasMessage("file " + file() + " is too long (expected: at most 1048576 bytes)");
        Files.delete(file());
        write("right");
        time.advance(Duration.ofSeconds(2));
        assertThat(seen.told()).hasSize(3).last().isEqualTo("present right");
    }

    @Test
    void nothingIsToldOnceTheWatchIsClosedAndNothingIsLeft() throws IOException {
        write("one");
        Subscription watch = watch();
        time.advance(Duration.ofSeconds(1));
        watch.close();
        watch.close();
        write("two");
        time.advance(Duration.ofSeconds(5));
        assertThat(seen.told()).containsExactly("present one");
        assertThat(time.pendingTasks()).isZero();
    }

    @Test
    void whateverTheListenerThrowsIsToldAndTheNextContentComes() throws IOException {
        for (Throwable thrown : AnyThrowable.kinds().toList()) {
            List<String> heard = new ArrayList<>();
            write("one " + thrown);
            int before = events.events().size();
            Subscription watch = new FileDocumentSource(file(), time.environment(1, events))
                    .watch(new DocumentSource.Listener() {
                        @Override
                        public void onPresent(byte[] content, String revision) {
                            heard.add("present");
                            throw AnyThrowable.sneak(thrown);
                        }

                        @Override
                        public void onAbsent() {
                            heard.add("absent");
                            throw AnyThrowable.sneak(thrown);
                        }

                        @Override
                        public void onFailed(Throwable cause) {
                            heard.add("failed");
                            throw AnyThrowable.sneak(thrown);
                        }
                    });
            time.advance(Duration.ofSeconds(2));
            Files.delete(file());
            time.advance(Duration.ofSeconds(2));
            Files.createDirectory(file());
            time.advance(Duration.ofSeconds(2));
            Files.delete(file());
            write("two " + thrown);
            time.advance(Duration.ofSeconds(2));
            watch.close();
            assertThat(heard).as(thrown.toString()).containsExactly("present", "absent", "failed", "present");
            assertThat(events.events().size() - before).isEqualTo(4);
        }
    }

    private Subscription watch() {
        return new FileDocumentSource(file(), time.environment()).watch(seen);
    }

    private Path file() {
        return folder.resolve("routes.yaml");
    }

    private void write(String text) throws IOException {
        Files.writeString(file(), text);
    }

    private void map(String name, String text) throws IOException {
        Files.createDirectory(folder.resolve(name));
        Files.writeString(folder.resolve(name).resolve("routes.yaml"), text);
    }
}
