// SPDX-License-Identifier: Apache-2.0
package io.fairlead.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.EventListener;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.AnyThrowable;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A file that changes, breaks and disappears, on virtual time. */
class FileRegistryTest {
    @TempDir
    private Path folder;

    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final RecordingSnapshots seen = new RecordingSnapshots();

    @Test
    void followsTheFile() throws IOException {
        write("{\"services\": {\"orders\": [{\"id\": \"a\", \"address\": \"10.0.0.1:80\", \"weight\": 3,"
                + " \"zone\": \"z\", \"version\": \"2\", \"scheme\": \"https\", \"tags\": [\"t\"], \"metadata\": {\"k\": \"v\"}},"
                + " {\"address\": \"[2001:db8::1]:81\"}]}}");
        Registry registry = open();
        registry.watch("orders", seen);
        ServiceInstance a = seen.last().instances().get(0);
        assertThat(a)
                .isEqualTo(ServiceInstance.builder("orders")
                        .id("a")
                        .address("10.0.0.1", 80)
                        .weight(3)
                        .zone("z")
                        .version("2")
                        .scheme("https")
                        .tag("t")
                        .metadata("k", "v")
                        .build());
        assertThat(seen.last().instances().get(1).authority()).isEqualTo("[2001:db8::1]:81");
        write("{\"services\": {\"orders\": [{\"id\": \"b\", \"address\": \"10.0.0.2:80\"}]}}");
        time.advance(Duration.ofSeconds(1));
        assertThat(seen.ids()).containsExactly("b");
        assertThat(registry.services()).containsExactly("orders");
    }

    @Test
    void aBrokenOrAbsentFileKeepsTheListAndSaysWhy() throws IOException {
        write(one("a"));
        Registry registry = open();
        registry.watch("orders", seen);
        write("{\"services\": {\n \"orders\": oops");
        time.advance(Duration.ofSeconds(3));
        assertThat(seen.ids()).containsExactly("a");
        assertThat(seen.interruptions()).hasSize(1);
        assertThat(seen.interruptions().get(0)).hasMessageContaining("line 2");
        // Written over a longer one.
        write(one("b") + "0.0.9:80\"}]}}");
        time.advance(Duration.ofSeconds(3));
        assertThat(seen.ids()).containsExactly("a");
        Files.delete(folder.resolve("services.json"));
        time.advance(Duration.ofSeconds(1));
        assertThat(seen.interruptions().get(seen.interruptions().size() - 1)).hasMessageContaining("does not exist");
        assertThatThrownBy(() -> registry.list("orders")).isInstanceOf(RegistryException.class);
        write(one("a"));
        time.advance(Duration.ofSeconds(1));
        assertThat(seen.snapshots()).hasSize(2);
        assertThat(events.events("restored")).hasSize(1);
    }

    @Test
    void aBadEntryOrServiceHidesNobody() throws IOException {
        write(
                "{\"services\": {\"orders\": [{\"address\": \"nowhere\"}, {\"id\": \"a\", \"address\": \"10.0.0.1:80\"},"
                        + " {\"id\": \"a\", \"address\": \"10.0.0.2:80\"}, {\"adress\": \"10.0.0.3:80\"}, 7], \"no good\": []}}");
        Registry registry = open();
        registry.watch("orders", seen);
        assertThat(seen.ids()).containsExactly("a");
        assertThat(events.events("rejected orders services.orders[0]")).hasSize(1);
        assertThat(events.events("rejected orders services.orders[2]")).hasSize(1);
        assertThat(events.events("rejected orders services.orders[3]").get(0)).contains("adress");
        assertThat(events.events("rejected orders services.orders[4]")).hasSize(1);
        assertThat(events.events("rejected no good")).hasSize(1);
    }

    @Test
    void takesNoRegistrationsAndNoOptions() throws IOException {
        write(one("a"));
        Registry registry = open();
        ServiceInstance instance = registry.list("orders").instances().get(0);
        assertThatThrownBy(() -> registry.register(instance, HealthCheck.none()))
                .isInstanceOfSatisfying(
                        RegistryException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(RegistryException.Reason.REJECTED));
        assertThatThrownBy(() -> Registry.connect("file:/x?watch=1")).isInstanceOf(IllegalArgumentException.class);
        registry.close();
        assertThatThrownBy(() -> registry.list("orders")).isInstanceOf(IllegalStateException.class);
        assertThat(time.pendingTasks()).isZero();
    }

    @Test
    void aWatchThatBeganWhileTheFileWasAwayHearsItWhenItIsBackUnchanged() throws IOException {
        write(one("a"));
        Registry registry = open();
        registry.watch("orders", seen);
        Files.delete(folder.resolve("services.json"));
        RecordingSnapshots late = new RecordingSnapshots();
        registry.watch("payments", late);
        assertThat(late.interruptions()).hasSize(1);
        write(one("a"));
        time.advance(Duration.ofSeconds(1));
        assertThat(late.snapshots()).hasSize(1);
        assertThat(seen.ids()).containsExactly("a");
    }

    @Test
    void twoSpellingsOfOneNameAreOneService() throws IOException {
        write("{\"services\": {\"orders\": [{\"id\": \"a\", \"address\": \"10.0.0.1:80\"}],"
                + " \"Orders\": [{\"id\": \"b\", \"address\": \"10.0.0.2:80\"}], \"ORDERS\": 7,"
                + " \"orders\": [{\"id\": \"a\", \"address\": \"10.0.0.3:80\"}]}}");
        Registry registry = open();
        registry.watch("orders", seen);
        assertThat(seen.ids()).containsExactly("a", "b");
        assertThat(seen.last().instances().get(0).host()).isEqualTo("10.0.0.1");
    }

    @Test
    void whatOthersPutBesideAnEntryHidesNobodyHoweverLongOrDeep() throws IOException {
        write("{\"n\": " + "1".repeat(2_000) + ", \"services\": {\"orders\": [{\"x\": " + "[".repeat(3_000)
                + "]".repeat(3_000) + ", \"address\": \"10.0.0.1:80\"}]}}");
        Registry registry = open();
        registry.watch("orders", seen);
        assertThat(seen.ids()).hasSize(1);
        write("{\"services\": {\"orders\": [{\"x\": " + "1".repeat(20_000) + "}]}}");
        time.advance(Duration.ofSeconds(1));
        assertThat(seen.ids()).hasSize(1);
        assertThat(seen.interruptions()).hasSize(1);
        assertThat(seen.interruptions().get(0)).hasMessageContaining("is no JSON: ");
        assertThat(events.events("callback")).isEmpty();
    }

    /** The listener of events is the user's, and hears of a rejected entry in the middle of a look. */
    @ParameterizedTest
    @MethodSource("io.fairlead.testkit.AnyThrowable#kinds")
    void whateverALookThrowsTheNextOneComes(Throwable kind) throws IOException {
        List<Throwable> left = new ArrayList<>(List.of(kind, kind));
        Environment plain = time.environment(1, events);
        Environment shaky = new Environment(
                time,
                time,
                task -> {
                    if (!left.isEmpty()) {
                        throw AnyThrowable.sneak(left.remove(0));
                    }
                    task.run();
                },
                plain.random(),
                new EventListener() {
                    @Override
                    public void onInstanceRejected(String service, String entry, String reason) {
                        throw AnyThrowable.sneak(kind);
                    }
                });
        write("{\"services\": {\"orders\": [7, {\"id\": \"a\", \"address\": \"10.0.0.1:80\"}]}}");
        try (Registry registry = new FileRegistry(folder.resolve("services.json"), shaky)) {
            registry.watch("orders", seen);
            time.advance(Duration.ofSeconds(2));
            assertThat(seen.ids()).containsExactly("a");
            left.add(kind);
            write(one("b"));
            time.advance(Duration.ofSeconds(3));
            assertThat(seen.ids()).containsExactly("b");
        }
    }

    private Registry open() {
        return Registry.connect("file:" + folder.resolve("services.json"), time.environment(1, events));
    }

    private static String one(String id) {
        return "{\"services\": {\"orders\": [{\"id\": \"" + id + "\", \"address\": \"10.0.0.1:80\"}]}}";
    }

    private void write(String text) throws IOException {
        Path fresh = Files.writeString(folder.resolve("fresh"), text);
        Files.move(fresh, folder.resolve("services.json"), StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void onlyNamesThatCanBeWatchedAreListed() throws IOException {
        String some = ": [{\"address\": \"10.0.0.1:80\"}]";
        write("{\"services\": {\"Orders\"" + some + ", \"a b\"" + some + ", \"x\\u0007\"" + some + ", \"none\": []}}");
        assertThat(open().services()).containsExactly("orders");
    }

    @Test
    @SuppressWarnings("NullAway") // what callers outside of its checks may do
    void noListenerIsRefusedAtOnce() throws IOException {
        write(one("a"));
        assertThatThrownBy(() -> open().watch("orders", null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("listener of 'orders': null (expected: a listener)");
    }
}
