// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.demo;

import io.fairlead.admin.AdminServer;
import io.fairlead.admin.EventLog;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.Fairlead;
import io.fairlead.okhttp.DiscoveryOkHttp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import okhttp3.OkHttpClient;

/**
 * The demo: five HTTP instances register, a client calls them by name in an open loop, one is killed, one is slowed, both
 * come back. Ends with a table and exits 0 only if its promises held.
 */
public final class Demo {
    private static final int INSTANCES = 5;
    private static final int CALLS_A_SECOND = 200;
    private static final int CANARY_ACT_SECONDS = 6;
    private static final HealthCheck CHECK =
            HealthCheck.http("/health").every(Duration.ofSeconds(1)).timeout(Duration.ofSeconds(1));

    private Demo() {}

    /** Runs it; {@code --help} tells the options. */
    public static void main(String[] args) throws Exception {
        DemoOptions options;
        try {
            options = DemoOptions.parse(args);
        } catch (IllegalArgumentException bad) {
            System.err.println(bad.getMessage());
            System.exit(2);
            return;
        }
        if (options.help()) {
            System.out.print(DemoOptions.HELP);
            return;
        }
        System.exit((options.canary() ? runCanary(options) : run(options)) ? 0 : 1);
    }

    private static boolean runCanary(DemoOptions options) throws Exception {
        EventLog events = new EventLog();
        try (RegistryChoice choice = RegistryChoice.of(options.registry(), events);
                CanaryScene scene = new CanaryScene(choice.registry(), Duration.ofSeconds(1), CANARY_ACT_SECONDS)) {
            System.out.println("registry  " + choice.said());
            return scene.play(choice.registry(), events, options.port());
        }
    }

    private static boolean run(DemoOptions options) throws Exception {
        List<HttpInstance> instances = new ArrayList<>();
        List<Registration> registrations = new ArrayList<>();
        EventLog events = new EventLog();
        try (RegistryChoice choice = RegistryChoice.of(options.registry(), events)) {
            System.out.println("registry  " + choice.said());
            for (int i = 1; i <= INSTANCES; i++) {
                HttpInstance instance = HttpInstance.start("orders-" + i);
                instances.add(instance);
                registrations.add(choice.registry().register(describe(instance), CHECK));
            }
            try {
                return play(options, choice, events, instances);
            } finally {
                registrations.forEach(Registration::idle);
            }
        } finally {
            instances.forEach(HttpInstance::close);
        }
    }

    private static boolean play(
            DemoOptions options, RegistryChoice choice, EventLog events, List<HttpInstance> instances)
            throws Exception {
        CallLog log = new CallLog();
        Story story = Story.standard();
        HttpInstance victim = instances.get(1);
        HttpInstance laggard = instances.get(3);
        try (Fairlead fairlead = Fairlead.builder(choice.registry())
                .addListener(log)
                .addListener(events)
                .addressPolicy(AddressPolicy.defaults().allowLoopback())
                .build()) {
            Scene scene = new Scene(fairlead, log, story);
            fairlead.awaitReady(Duration.ofSeconds(10), Scene.SERVICE);
            OkHttpClient client = DiscoveryOkHttp.newClient(fairlead);
            try (AdminServer page = DemoPage.start(fairlead, events, options.port());
                    TerminalView terminal = TerminalView.start(scene)) {
                try (OpenLoop load =
                        OpenLoop.start(client, "http://" + Scene.SERVICE + "/v1/42", CALLS_A_SECOND, log)) {
                    story.play(victim, laggard, log);
                }
                terminal.close();
                boolean held = print(new Report(log, story, victim.id(), laggard.id(), INSTANCES));
                if (options.stay()) {
                    stay(client, page, log);
                }
                return held;
            } finally {
                client.dispatcher().executorService().shutdown();
                client.connectionPool().evictAll();
            }
        }
    }

    private static ServiceInstance describe(HttpInstance instance) {
        return ServiceInstance.builder(Scene.SERVICE)
                .id(instance.id())
                .address("127.0.0.1", instance.port())
                .build();
    }

    private static boolean print(Report report) {
        System.out.println();
        System.out.println(report.table());
        boolean held = true;
        for (Report.Promise promise : report.promises()) {
            held &= promise.held();
            System.out.printf("%-4s %s: %s%n", promise.held() ? "ok" : "NOT", promise.text(), promise.seen());
        }
        return held;
    }

    private static void stay(OkHttpClient client, AdminServer page, CallLog log) throws InterruptedException {
        System.out.println("staying at " + page.uri() + " until Ctrl-C");
        try (OpenLoop load = OpenLoop.start(client, "http://" + Scene.SERVICE + "/v1/42", CALLS_A_SECOND, log)) {
            new CountDownLatch(1).await();
        }
    }
}
