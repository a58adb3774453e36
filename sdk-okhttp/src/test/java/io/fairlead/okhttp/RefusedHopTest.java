// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.Call;
import okhttp3.Dns;
import okhttp3.EventListener;
import okhttp3.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An instance can not aim our calls at a cloud's metadata service, however it spells it and on whichever hop. */
class RefusedHopTest {
    private final World world = new World("round_robin");
    private final MockWebServer instance = new MockWebServer();
    private final MockWebServer between = new MockWebServer();
    private final List<String> connected = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws IOException {
        instance.start();
        between.start();
        world.add("one", instance.getPort());
        world.awaitInstances(1);
        world.client = world.client
                .newBuilder()
                .dns(name -> name.endsWith(".internal")
                        ? List.of(InetAddress.getByName("169.254.169.254"))
                        : Dns.SYSTEM.lookup(name))
                .eventListener(new EventListener() {
                    @Override
                    public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
                        if (!address.getAddress().isLoopbackAddress()) {
                            connected.add(address.toString());
                        }
                    }
                })
                .build();
    }

    @AfterEach
    void stop() {
        world.close();
        instance.close();
        between.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "2852039166",
                "0xa9fea9fe",
                "0xA9.0xFE.0xA9.0xFE",
                "0251.0376.0251.0376",
                "169.254.43518",
                "169.254.169.254.",
                "[::ffff:169.254.169.254]",
                "[::ffff:a9fe:a9fe]",
                "[64:ff9b::a9fe:a9fe]",
                "[2002:a9fe:a9fe::1]",
                "metadata.google.internal",
                "metadata.google.internal.",
                "169.254.170.2",
                "100.100.100.200",
                "168.63.129.16",
                "192.0.0.192",
                "[fd00:ec2::254]",
                "[fd20:ce::254]"
            })
    void aRedirectToAMetadataServiceIsRefusedOnEveryHop(String host) {
        String target = "http://" + host + "/latest/meta-data";
        instance.enqueue(redirect(target));
        assertRefused();
        instance.enqueue(redirect("http://localhost:" + between.getPort() + "/"));
        between.enqueue(redirect(target));
        assertRefused();
        assertThat(connected).isEmpty();
    }

    private void assertRefused() {
        assertThatThrownBy(() -> world.client
                        .newCall(new Request.Builder().url("http://orders/").build())
                        .execute()
                        .close())
                .isInstanceOf(IOException.class);
    }

    private static MockResponse redirect(String location) {
        return new MockResponse.Builder()
                .code(302)
                .addHeader("Location", location)
                .build();
    }
}
