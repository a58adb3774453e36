// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fairlead.api.Registry;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.Fairlead;
import io.fairlead.okhttp.DiscoveryOkHttp;
import io.fairlead.samples.demo.HttpInstance;
import io.fairlead.testkit.TcpProxy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Addresses in the registry that aim our calls at what only we can reach. A proxy counts what arrives. */
class AddressIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<String> connects = new CopyOnWriteArrayList<>();
    private FakeConsul consul;
    private HttpInstance instance;
    private TcpProxy counter;

    @BeforeEach
    void start() throws Exception {
        consul = new FakeConsul();
        instance = HttpInstance.start("orders-1");
        counter = TcpProxy.to("127.0.0.1", instance.port());
    }

    @AfterEach
    void stop() {
        counter.close();
        instance.close();
        consul.close();
    }

    @Test
    void anAddressIsNeverPastedIntoAUrl() throws Exception {
        int before = connectionsTo(AddressPolicy.defaults().allowLoopback(), "127.0.0.1");
        List<String> tricks = List.of(
                "u:p@127.0.0.1", "127.0.0.1/b?c", "127.0.0.1#", "\\@127.0.0.1", "127.0.0.1:1@127.0.0.1", "127.0.0.1 ");
        int after = 0;
        for (String trick : tricks) {
            after += connectionsTo(AddressPolicy.defaults().allowLoopback(), trick);
        }
        record(
                "S3",
                "addresses with user info, a path, a fragment, a backslash: " + tricks.size() + " of them",
                "0 connections",
                after + " connections (a plain address: " + before + ")",
                after == 0 && before == 1);
        assertThat(after).isZero();
        assertThat(before).isEqualTo(1);
    }

    @Test
    void whatANameMeansCountsNotHowItIsSpelt() throws Exception {
        List<String> refused = List.of(
                "169.254.169.254",
                "::ffff:169.254.169.254",
                "::ffff:a9fe:a9fe",
                "64:ff9b::a9fe:a9fe",
                "::169.254.169.254",
                "2002:a9fe:a9fe::1",
                "fd00:ec2::254",
                "127.0.0.1",
                "127.1",
                "2130706433",
                "0x7f.1",
                "0x7f000001",
                "017700000001",
                "\uff11\uff12\uff17.\uff10.\uff10.\uff11",
                "::1",
                "::ffff:127.0.0.1",
                "localhost",
                "0.0.0.0",
                "::",
                "0",
                "224.0.0.1",
                "fe80::1");
        List<String> through = new ArrayList<>();
        for (String address : refused) {
            int arrived = connectionsTo(AddressPolicy.defaults(), address);
            if (arrived > 0 || !connects.isEmpty()) {
                through.add(address);
            }
        }
        int control = connectionsTo(AddressPolicy.defaults().allowLoopback(), "localhost");
        record(
                "S4",
                "metadata, link-local, loopback and unspecified addresses in " + refused.size()
                        + " spellings, names that resolve to them",
                "0 connections attempted; a name's resolved address is what is judged and what is used",
                through.size() + " attempted" + (through.isEmpty() ? "" : ": " + through)
                        + " (localhost, where it is allowed: " + control + ")",
                through.isEmpty() && control == 1);
        assertThat(through).isEmpty();
        assertThat(control).isEqualTo(1);
    }

    /** Connections that arrived for one call to a service whose only instance is there. */
    private int connectionsTo(AddressPolicy policy, String address) throws Exception {
        connects.clear();
        ObjectNode entry = JSON.createObjectNode();
        entry.putObject("Node").put("Node", "n").put("Address", "");
        entry.putObject("Service")
                .put("ID", "one")
                .put("Service", "orders")
                .put("Address", address)
                .put("Port", counter.port());
        entry.putArray("Checks");
        consul.answer(10, FakeConsul.body(10, "[" + entry + "]"));
        int before = counter.connections();
        try (Registry registry = Registry.connect(consul.uri());
                Fairlead fairlead =
                        Fairlead.builder(registry).addressPolicy(policy).build()) {
            fairlead.awaitReady(Duration.ofSeconds(10), "orders");
            OkHttpClient client = DiscoveryOkHttp.configure(new OkHttpClient.Builder(), fairlead)
                    .connectTimeout(Duration.ofMillis(200))
                    .eventListener(new Connects())
                    .build();
            try (Response response = client.newCall(
                            new Request.Builder().url("http://orders/").build())
                    .execute()) {
                response.body().bytes();
            } catch (IOException refused) {
                // as it should be
            } finally {
                client.dispatcher().executorService().shutdown();
                client.connectionPool().evictAll();
            }
        }
        return counter.connections() - before;
    }

    /** Also those that would leave this machine. */
    private final class Connects extends EventListener {
        @Override
        public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
            connects.add(String.valueOf(address));
        }
    }
}
