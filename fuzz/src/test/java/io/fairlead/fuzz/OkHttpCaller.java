// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import io.fairlead.balancer.Fairlead;
import io.fairlead.okhttp.CallHints;
import io.fairlead.okhttp.DiscoveryOkHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Cache;
import okhttp3.CacheControl;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/** Calls through OkHttp, by {@code execute} or {@code enqueue}. */
final class OkHttpCaller implements Caller {
    private final OkHttpClient client;
    private final @Nullable Cache cache;

    OkHttpCaller(Fairlead fairlead, History.Setup setup, Path folder) {
        this.cache = setup.hasCache() ? new Cache(folder.toFile(), 10_000_000) : null;
        OkHttpClient.Builder builder = new OkHttpClient.Builder()
                .followRedirects(setup.follows())
                .cache(cache)
                .dns(name -> {
                    if (name.endsWith(".invalid")) {
                        throw new UnknownHostException(name);
                    }
                    return Dns.SYSTEM.lookup(name);
                })
                .addInterceptor(Interceptors::front);
        client = DiscoveryOkHttp.configure(builder, fairlead)
                .addInterceptor(Interceptors::behind)
                .addNetworkInterceptor(Interceptors::network)
                .build();
    }

    @Override
    public void call(Board.Call call, Canceller canceller, Seen seen) {
        Plan plan = call.plan;
        Call made = client.newCall(request(call));
        if (plan.limitMillis() > 0 && plan.isCallTimeout()) {
            made.timeout().timeout(plan.limitMillis(), TimeUnit.MILLISECONDS);
        }
        canceller.by(made::cancel);
        try {
            if (plan.async()) {
                enqueue(made, plan, seen);
            } else {
                try (Response response = made.execute()) {
                    read(response, plan, seen);
                }
            }
        } catch (Throwable failed) {
            seen.failure = failed;
        }
    }

    private static void enqueue(Call made, Plan plan, Seen seen) throws Throwable {
        CompletableFuture<Void> over = new CompletableFuture<>();
        AtomicInteger ends = new AtomicInteger();
        made.enqueue(new Callback() {
            @Override
            public void onResponse(Call call, Response response) {
                ends.incrementAndGet();
                try (response) {
                    read(response, plan, seen);
                    over.complete(null);
                } catch (Throwable broken) {
                    over.completeExceptionally(broken);
                }
            }

            @Override
            public void onFailure(Call call, IOException failure) {
                ends.incrementAndGet();
                over.completeExceptionally(failure);
            }
        });
        while (true) {
            try {
                over.get();
                return;
            } catch (ExecutionException failed) {
                throw failed.getCause();
            } catch (InterruptedException interrupted) {
                // Who waits for a callback is none of the call's threads.
            } finally {
                seen.ends = ends.get();
            }
        }
    }

    private static void read(Response response, Plan plan, Seen seen) throws IOException {
        seen.status = response.code();
        String number = response.header("X-Fuzz-Answer");
        seen.answer = number == null ? 0 : Integer.parseInt(number);
        seen.isFromCache = response.networkResponse() == null && response.cacheResponse() != null;
        seen.isPartial = plan.reading() != Plan.Reading.ALL;
        seen.failedInBody = true;
        if (plan.reading() == Plan.Reading.ALL) {
            seen.body = response.body().bytes();
        } else if (plan.reading() == Plan.Reading.HALF) {
            Buffer some = new Buffer();
            response.body().source().read(some, 100);
            seen.body = some.readByteArray();
        }
        seen.failedInBody = false;
    }

    private static Request request(Board.Call call) {
        Plan plan = call.plan;
        Request.Builder request = new Request.Builder()
                .url("http://orders" + plan.path())
                .header("X-Fuzz", call.id)
                .header("X-Fuzz-Pass", "1")
                .method(plan.method(), body(call))
                .tag(Plan.class, plan);
        if (plan.key() != null) {
            request.header("Idempotency-Key", plan.key());
        }
        if (plan.onlyIfCached()) {
            request.cacheControl(CacheControl.FORCE_CACHE);
        }
        if (plan.limitMillis() > 0 && !plan.isCallTimeout()) {
            request.tag(CallHints.class, new CallHints(null, null, Duration.ofMillis(plan.limitMillis())));
        }
        return request.build();
    }

    private static @Nullable RequestBody body(Board.Call call) {
        if (!List.of("PUT", "POST").contains(call.plan.method())) {
            return null;
        }
        return switch (call.plan.body()) {
            case NONE -> RequestBody.EMPTY;
            case REPLAYABLE -> RequestBody.create(new byte[500]);
            default -> new PlannedBody(call);
        };
    }

    @Override
    public boolean isIdle() {
        return client.connectionPool().connectionCount()
                        == client.connectionPool().idleConnectionCount()
                && client.dispatcher().runningCallsCount() == 0
                && client.dispatcher().queuedCallsCount() == 0;
    }

    @Override
    public boolean mayThrow(Plan plan, Throwable failure) {
        return failure instanceof IOException;
    }

    @Override
    public void close() {
        client.dispatcher().executorService().shutdownNow();
        client.connectionPool().evictAll();
        Cache kept = cache;
        if (kept != null) {
            try {
                kept.delete();
                Files.deleteIfExists(kept.directoryPath().toNioPath());
            } catch (IOException left) {
                throw new UncheckedIOException(left);
            }
        }
    }
}
