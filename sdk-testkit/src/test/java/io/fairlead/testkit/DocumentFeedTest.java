// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.spi.DocumentFeed;
import io.fairlead.spi.DocumentSource;
import io.fairlead.spi.Environment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What one listener of a document hears. */
class DocumentFeedTest {
    private final Deque<Runnable> later = new ArrayDeque<>();
    private final RecordingListener events = new RecordingListener();
    private final RecordingDocuments seen = new RecordingDocuments();
    private final DocumentFeed feed = feed(seen);

    @Test
    void whatIsFoundIsToldOnceUntilItsContentChanges() {
        present("a", "1");
        present("a", "2");
        present("b", "3");
        present("", "4");
        present("", "5");
        assertThat(seen.told()).containsExactly("present a", "present b", "present ");
        assertThat(seen.revisions()).containsExactly("1", "3", "4");
    }

    @Test
    void anAbsenceAndAnOutageAreToldOnceAndAfterThemTheSameDocumentAgain() {
        present("a", "1");
        news(DocumentFeed::absent);
        news(DocumentFeed::absent);
        present("a", "1");
        failed(new IllegalStateException("down"));
        failed(new IllegalStateException("down"));
        present("a", "1");
        assertThat(seen.told()).containsExactly("present a", "absent", "present a", "failed", "present a");
    }

    @Test
    void anOutageIsToldAgainWhenItsCauseChanges() {
        failed(new IllegalStateException("down"));
        failed(new IllegalStateException("no rights"));
        failed(new IllegalArgumentException("no rights"));
        assertThat(seen.failures()).extracting(Throwable::getMessage).containsExactly("down", "no rights", "no rights");
    }

    @Test
    void aDocumentOfMoreThanTheMostBytesIsAFailureAndOneOfJustThemIsNone() {
        news(each -> each.present(new byte[DocumentSource.MOST_BYTES], "1"));
        news(each -> each.present(new byte[DocumentSource.MOST_BYTES + 1], "2"));
        assertThat(seen.revisions()).containsExactly("1");
        assertThat(seen.failures())
                .singleElement()
                .satisfies(
                        cause -> assertThat(cause).hasMessage("a document: 1048577 bytes (expected: at most 1048576)"));
    }

    @Test
    void theBytesAreTheListenersOwn() {
        DocumentFeed scribbled = feed(onPresent(content -> {
            seen.onPresent(content, "");
            content[0] = 'x';
        }));
        scribbled.present("a".getBytes(UTF_8), "1");
        runAll();
        scribbled.present("a".getBytes(UTF_8), "2");
        runAll();
        scribbled.present("x".getBytes(UTF_8), "3");
        runAll();
        assertThat(seen.told()).containsExactly("present a", "present x");
    }

    @Test
    void whateverAListenerThrowsIsToldAndTheNextNewsComes() {
        AnyThrowable.kinds().forEach(kind -> {
            int before = events.events().size();
            DocumentFeed throwing = feed(onPresent(content -> {
                throw AnyThrowable.sneak(kind);
            }));
            throwing.present("a".getBytes(UTF_8), "1");
            runAll();
            throwing.present("b".getBytes(UTF_8), "2");
            runAll();
            assertThat(events.events().subList(before, events.events().size()))
                    .hasSize(2)
                    .allMatch(event -> event.startsWith("callback document listener of a document "));
        });
    }

    @Test
    void ofWhatComesWhileTheListenerIsBusyOnlyTheLastIsKeptAndOneTaskWaits() {
        for (int i = 0; i < 100; i++) {
            feed.present(("v" + i).getBytes(UTF_8), String.valueOf(i));
            feed.absent();
        }
        feed.present("last".getBytes(UTF_8), "100");
        assertThat(later).hasSize(1);
        runAll();
        assertThat(seen.told()).containsExactly("present last");
    }

    @Test
    void nothingIsToldOnceClosedNotEvenWhatWaits() {
        present("a", "1");
        feed.present("b".getBytes(UTF_8), "2");
        feed.close();
        feed.close();
        runAll();
        news(DocumentFeed::absent);
        assertThat(seen.told()).containsExactly("present a");
    }

    @Test
    void aListenerIsNeeded() {
        assertThatThrownBy(() -> feed(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("listener of a document: null (expected: a listener)");
    }

    private void present(String content, String revision) {
        news(each -> each.present(content.getBytes(UTF_8), revision));
    }

    private void failed(Throwable cause) {
        news(each -> each.failed(cause));
    }

    private void news(Consumer<DocumentFeed> one) {
        one.accept(feed);
        runAll();
    }

    private void runAll() {
        while (!later.isEmpty()) {
            later.remove().run();
        }
    }

    private DocumentFeed feed(DocumentSource.Listener listener) {
        Environment virtual = new VirtualTime().environment();
        return new DocumentFeed(
                "a document",
                new Environment(virtual.ticker(), virtual.scheduler(), later::add, virtual.random(), events),
                listener);
    }

    private static DocumentSource.Listener onPresent(Consumer<byte[]> listener) {
        return new DocumentSource.Listener() {
            @Override
            public void onPresent(byte[] content, String revision) {
                listener.accept(content);
            }

            @Override
            public void onAbsent() {}

            @Override
            public void onFailed(Throwable cause) {}
        };
    }
}
