// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.CheckEndpoint;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.consul.FakeAgent.Answer;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an agent refuses leaves nothing behind, costs little memory, and is not taken for done. */
@Tag("slow")
@ExtendWith(WarmClient.class)
class AgentRefusalsTest {
    private final FakeAgent agent = new FakeAgent(asked -> Answer.of(200, ""));
    private final Registry registry = ConsulRegistry.builder()
            .address(agent.address())
            .timing(ConsulRegistryIT.QUICK)
            .build();

    @AfterEach
    void stop() {
        registry.close();
        agent.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a", "a/", "a//b", "./a", "a/.", "../a", "a/../b", "..", ".", "http://10.0.0.7:8080"})
    void anIdThatConsulsPathsCanNotCarryIsRefusedBeforeAnythingIsWritten(String id) {
        assertThatThrownBy(() -> registry.register(instance(id), HealthCheck.ttl()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + id + "'");
        assertThat(agent.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "a..b", "a:b?c#d", "50%", "a@b", "..."})
    void everyOtherIdIsOnePartOfThePath(String id) {
        registry.register(instance(id), HealthCheck.none()).close();
        assertThat(agent.requests())
                .anyMatch(asked -> asked.equals("PUT /v1/agent/service/deregister/"
                        + ConsulHttp.encode(id).replace("%3A", ":").replace("%40", "@")));
    }

    @Test
    void aRegistrationWhoseSecondStepIsRefusedIsUndone() {
        agent.answer(asked -> asked.contains("/check/") ? Answer.of(403, "Permission denied") : Answer.of(200, ""));
        assertThatThrownBy(() -> registry.register(instance("a"), HealthCheck.ttl()))
                .isInstanceOfSatisfying(
                        RegistryException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(RegistryException.Reason.UNAUTHORIZED));
        assertThat(agent.requests()).contains("PUT /v1/agent/service/deregister/a");
    }

    @Test
    void aDeregistrationThatIsRefusedIsNotDone() {
        Registration one = registry.register(instance("a"), HealthCheck.none());
        agent.answer(asked -> Answer.of(400, "Bad request"));
        one.close();
        assertThat(one.lastError()).isNotNull().hasMessageContaining("400");
    }

    @Test
    void anAnswerThatExpandsBeyondAllMeasureIsCutOff() throws IOException {
        byte[] bomb = bomb(64 << 20);
        agent.answer(asked -> new Answer(500, 0, bomb, true));
        assertThatThrownBy(() -> registry.register(instance("a"), HealthCheck.none()))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("above 1048576 bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 200})
    void noAnswerOfWhateverKindFillsASmallHeap(int status) throws Exception {
        byte[] bomb = bomb(1 << 28);
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BombChild.class.getName(),
                        agent.address())
                .redirectErrorStream(true)
                .start();
        Map<String, String> outcomes = new LinkedHashMap<>();
        try (BufferedReader said = new BufferedReader(new InputStreamReader(child.getInputStream(), UTF_8))) {
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                if (line.equals("armed")) {
                    agent.answer(asked -> new Answer(status, 7, bomb, true));
                } else if (line.contains(" -> ")) {
                    outcomes.put(line.replaceAll(" -> .*", ""), line);
                }
            }
        } finally {
            child.destroyForcibly();
        }
        assertThat(child.waitFor()).isZero();
        assertThat(outcomes)
                .hasSize(12)
                .allSatisfy((what, outcome) -> assertThat(outcome)
                        .doesNotContain("OutOfMemoryError")
                        // The JDK's client expands nothing; Consul's own drops the cause when it reads one service.
                        .containsAnyOf(
                                "above 1048576 bytes",
                                "answered 500",
                                "no JSON",
                                "register outside -> answered",
                                "read -> org.kiwiproject.consul.NotRegisteredException"));
    }

    @Test
    void whatTheServersForgotIsWrittenAgainThoughTheAgentKnowsIt() {
        AtomicBoolean forgotten = new AtomicBoolean();
        agent.answer(asked -> {
            if (asked.contains("/agent/self")) {
                return Answer.of(200, "{\"Config\":{\"NodeName\":\"n1\"}}");
            }
            if (asked.contains("/catalog/node/n1")) {
                return Answer.of(200, forgotten.get() ? "null" : "{\"Services\":{\"a\":{}}}");
            }
            return Answer.of(200, "");
        });
        registry.register(instance("a"), HealthCheck.ttl());
        await().until(() -> agent.requests().stream().anyMatch(asked -> asked.contains("/catalog/node/n1")));
        forgotten.set(true);
        await().untilAsserted(() -> assertThat(agent.requests())
                .filteredOn(asked -> asked.startsWith("PUT /v1/agent/service/register"))
                .hasSizeGreaterThan(1));
        // A token that may not read looks alike: it is not written for ever.
        assertThat(agent.requests())
                .filteredOn(asked -> asked.startsWith("PUT /v1/agent/service/register"))
                .hasSizeLessThan(8);
    }

    @Test
    void aCheckGoesToItsOwnPortAndTakesItsTlsOptions() {
        HealthCheck check = HealthCheck.http("/health")
                .at(CheckEndpoint.ofInstance()
                        .withPort(9_443)
                        .withScheme("https")
                        .withoutTlsVerification()
                        .withServerName("orders.test"));
        assertThat(ConsulFormat.registration(instance("a"), check).getChecks())
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.getHttp()).contains("https://10.0.0.1:9443/health");
                    assertThat(one.getTlsSkipVerify()).contains(true);
                });
        registry.register(instance("a"), check);
        assertThat(agent.bodies()).anyMatch(body -> body.contains("\"TLSServerName\":\"orders.test\""));
    }

    private static byte[] bomb(int size) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            byte[] zeros = new byte[1 << 20];
            for (int written = 0; written < size; written += zeros.length) {
                gzip.write(zeros);
            }
        }
        return packed.toByteArray();
    }

    private static ServiceInstance instance(String id) {
        return ServiceInstance.builder("orders")
                .id(id)
                .address("10.0.0.1", 8080)
                .build();
    }
}
