// SPDX-License-Identifier: Apache-2.0
package consumer;

import com.sun.net.httpserver.HttpServer;
import io.fairlead.api.GuardState;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.okhttp.DiscoveryInterceptor;
import java.io.File;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** What a user's first program does, and a look at what came with the two artifacts. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        require("okhttp versions", versions("okhttp(?:-jvm)?"), 1, 1);
        boolean etcd = args[0].equals("etcd");
        require("netty versions", versions("netty-(?!tcnative)[a-z0-9-]*?"), etcd ? 1 : 0, etcd ? 1 : 0);
        Registry.connect(args[0] + "://localhost:1").close();
        call();
        System.exit(0);
    }

    private static void call() throws Exception {
        System.setProperty("sun.net.httpserver.nodelay", "true");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("hello".getBytes());
            exchange.close();
        });
        server.start();
        Registry registry = Registry.connect("memory:");
        registry.register(
                ServiceInstance.builder("orders")
                        .address("127.0.0.1", server.getAddress().getPort())
                        .build(),
                HealthCheck.none());
        try (Fairlead fairlead = Fairlead.create(registry)) {
            OkHttpClient http = new OkHttpClient.Builder()
                    .addInterceptor(DiscoveryInterceptor.of(fairlead))
                    .build();
            try (Response response = http.newCall(new Request.Builder().url("http://orders/").build()).execute()) {
                String body = response.body().string();
                if (!body.equals("hello")) {
                    throw new IllegalStateException("answer: " + body);
                }
            }
            GuardState guard = fairlead.status("orders").instances().get(0).guardState();
            System.out.println("called orders by name; guard " + guard);
        }
    }

    private static Set<String> versions(String artifact) {
        Pattern name = Pattern.compile(artifact + "-(\\d[^/]*?)(?:-(?:linux|osx|windows)[a-z0-9_-]*)?\\.jar");
        Set<String> versions = new TreeSet<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Matcher matcher = name.matcher(new File(entry).getName());
            if (matcher.matches()) {
                versions.add(matcher.group(1));
            }
        }
        return versions;
    }

    private static void require(String what, Set<String> found, int min, int max) {
        System.out.println(what + ": " + found);
        if (found.size() < min || found.size() > max) {
            throw new IllegalStateException(what + " on the class path: " + found + " (expected: " + max + ")");
        }
    }
}
