// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fairlead.balancer.CallCopy;
import io.fairlead.balancer.CallCopy.Fate;
import io.fairlead.balancer.CallSpec;
import io.fairlead.spi.kit.SystemThreads;
import java.io.IOException;
import java.net.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.CertificatePinner;
import okhttp3.ConnectionPool;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.Dns;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Sends the copies that mirrors get, on threads and over connections of its own. The caller's client has a dispatcher and a pool
 * that calls wait for, and the environment's workers run what calls wait for: a mirror that hangs must hold none of them. A
 * mirror's budget bounds both here. No interceptor, no listener and no cookie jar of the client's hears of a copy. Safe for any
 * thread.
 */
final class Copies {
    /** As many idle connections as a mirror has copies under way by default. */
    private static final int MOST_IDLE = 32;

    private static final long KEEP_ALIVE_SECONDS = 30;
    private static final int MOST_CLIENTS = 16;
    /** A longer answer costs more than a connection. */
    private static final long MOST_READ = 64 << 10;

    private static final int READ_AT_ONCE = 8 << 10;
    private static final List<String> CREDENTIALS = List.of("Authorization", "Cookie", "Proxy-Authorization");

    private final InstanceRoutes routes;
    private final Executor threads = SystemThreads.executor();
    private final ConnectionPool pool = new ConnectionPool(MOST_IDLE, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
    private final Cache<Trust, OkHttpClient> clients =
            Caffeine.newBuilder().maximumSize(MOST_CLIENTS).build();

    Copies(InstanceRoutes routes) {
        this.routes = routes;
    }

    /** Whom a client trusts. Its protocols can not be told from a chain: a copy has OkHttp's defaults. */
    private record Trust(
            @Nullable SSLSocketFactory sockets,
            @Nullable X509TrustManager manager,
            HostnameVerifier verifier,
            CertificatePinner pinner) {
        static Trust of(Interceptor.Chain chain) {
            return new Trust(
                    chain.getSslSocketFactoryOrNull(),
                    chain.getX509TrustManagerOrNull(),
                    chain.getHostnameVerifier(),
                    chain.getCertificatePinner());
        }
    }

    /**
     * Sends a copy of a request.
     *
     * @param chain of the client whose call it is
     */
    Fate send(CallCopy copy, Interceptor.Chain chain, Request request) {
        if (request.header("Upgrade") != null) {
            return Fate.UNABLE;
        }
        RequestBody body = request.body();
        RequestBody copied = body == null ? null : copied(body, copy.mirror().maxBody());
        if (body != null && copied == null) {
            return Fate.BODY;
        }
        Request marked = marked(copy, request, copied);
        Trust trust = Trust.of(chain);
        Dns dns = chain.getDns();
        CookieJar cookies = copy.mirror().credentials() ? reading(chain.getCookieJar()) : CookieJar.NO_COOKIES;
        threads.execute(() -> exchange(copy, marked, trust, dns, cookies));
        return Fate.SENT;
    }

    /** Now: once the call is over its body is the caller's to change. */
    private static @Nullable RequestBody copied(RequestBody body, int most) {
        try {
            long length = body.contentLength();
            if (body.isOneShot() || body.isDuplex() || length < 0 || length > most) {
                return null;
            }
            CopiedBody bytes = new CopiedBody(length);
            bytes.fill(body);
            return bytes.size() == length ? RequestBody.create(bytes.read(), body.contentType()) : null;
        } catch (IOException | RuntimeException broken) {
            // The call will meet it too, and say so.
            return null;
        }
    }

    private static Request marked(CallCopy copy, Request request, @Nullable RequestBody body) {
        Request.Builder marked = request.newBuilder().method(request.method(), body);
        if (!copy.mirror().credentials()) {
            CREDENTIALS.forEach(marked::removeHeader);
        }
        return marked.removeHeader(CallSpec.ROUTE_HEADER)
                .header(CallSpec.MIRROR_HEADER, copy.rule())
                .build();
    }

    /** What a copy is answered is none of the jar's business. */
    private static CookieJar reading(CookieJar jar) {
        return new CookieJar() {
            @Override
            public List<Cookie> loadForRequest(HttpUrl url) {
                return jar.loadForRequest(url);
            }

            @Override
            public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {}
        };
    }

    private void exchange(CallCopy copy, Request request, Trust trust, Dns dns, CookieJar cookies) {
        boolean isAnswered = false;
        try {
            InstanceRoute route = routes.of(copy.instance(), request.url().host(), dns);
            OkHttpClient client = clients.get(trust, this::client)
                    .newBuilder()
                    .dns(route)
                    .socketFactory(route)
                    .cookieJar(cookies)
                    .callTimeout(copy.mirror().timeout())
                    .build();
            try (Response response = client.newCall(request).execute()) {
                isAnswered = true;
                skip(response.body().source());
            }
        } catch (Throwable nobodyHears) {
            // It counts as failed; that is all that is told of a copy.
        } finally {
            copy.end(isAnswered);
        }
    }

    private static void skip(BufferedSource source) throws IOException {
        Buffer part = new Buffer();
        long left = MOST_READ;
        while (left > 0) {
            long read = source.read(part, READ_AT_ONCE);
            if (read < 0) {
                return;
            }
            part.clear();
            left -= read;
        }
    }

    /** The mirror's timeout is the only one. OkHttp sends again after a 503 that says so: it must not hear it. */
    private OkHttpClient client(Trust trust) {
        OkHttpClient.Builder client = new OkHttpClient.Builder()
                .connectionPool(pool)
                .proxy(Proxy.NO_PROXY)
                .followRedirects(false)
                .followSslRedirects(false)
                .retryOnConnectionFailure(false)
                .connectTimeout(Duration.ZERO)
                .readTimeout(Duration.ZERO)
                .writeTimeout(Duration.ZERO)
                .hostnameVerifier(trust.verifier())
                .certificatePinner(trust.pinner())
                .addNetworkInterceptor(chain -> chain.proceed(chain.request())
                        .newBuilder()
                        .removeHeader("Retry-After")
                        .build());
        SSLSocketFactory sockets = trust.sockets();
        X509TrustManager manager = trust.manager();
        return sockets == null || manager == null
                ? client.build()
                : client.sslSocketFactory(sockets, manager).build();
    }
}
