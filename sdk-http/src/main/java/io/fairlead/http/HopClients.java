// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import io.fairlead.spi.kit.SystemThreads;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import org.jspecify.annotations.Nullable;

/**
 * What sends the single hops of a call. The JDK's client knows an instance by its address only, and does not say which hop
 * failed. So neither of the two follows redirects, and the one for services has no cookies, no passwords and no proxy:
 * {@link GuidedCall} sees to these under the service's name. Safe for any thread.
 *
 * @param services sends to instances
 * @param elsewhere sends where a redirect leads that names no service
 * @param redirects which redirects the given client follows
 * @param cookies the given client's, or null
 * @param passwords the given client's, or null
 * @param accepted what they were told and services accepted
 * @param hostHeader whom instances are told they are called as
 * @param copies sends what mirrors get
 */
record HopClients(
        HttpClient services,
        HttpClient elsewhere,
        Redirect redirects,
        @Nullable CookieHandler cookies,
        @Nullable Authenticator passwords,
        AcceptedPasswords accepted,
        HostHeader hostHeader,
        HttpCopies copies) {

    /** Clients with the settings of {@code given}. */
    static HopClients of(HttpClient given) {
        Redirect redirects = given.followRedirects();
        CookieHandler cookies = given.cookieHandler().orElse(null);
        Authenticator passwords = given.authenticator().orElse(null);
        if (given.getClass().getModule() != HttpClient.class.getModule()) {
            if (redirects != Redirect.NEVER || cookies != null || passwords != null) {
                throw new IllegalArgumentException(given.getClass().getName()
                        + ": redirects " + redirects + ", cookie handler " + cookies + ", authenticator " + passwords
                        + " (expected: the JDK's own client, or one that follows no redirects and has no cookie handler"
                        + " and no authenticator; decorate the DiscoveryHttpClient instead)");
            }
            HostHeader host = new HostHeader(given);
            HttpCopies copies = new HttpCopies(() -> forCopies(given), host, null);
            return new HopClients(given, given, redirects, null, null, new AcceptedPasswords(), host, copies);
        }
        HttpClient services = made(settings(given).proxy(HttpClient.Builder.NO_PROXY));
        HostHeader host = new HostHeader(given);
        return new HopClients(
                services,
                redirects == Redirect.NEVER ? services : elsewhere(given),
                redirects,
                cookies,
                passwords,
                new AcceptedPasswords(),
                host,
                new HttpCopies(() -> forCopies(given), host, cookies));
    }

    /** On threads of its own, too: those of the given client run what calls wait for. */
    private static HttpClient forCopies(HttpClient given) {
        return made(settings(given).proxy(HttpClient.Builder.NO_PROXY).executor(SystemThreads.executor()));
    }

    private static HttpClient elsewhere(HttpClient given) {
        HttpClient.Builder builder = settings(given);
        given.proxy().ifPresent(builder::proxy);
        given.cookieHandler().ifPresent(builder::cookieHandler);
        given.authenticator().ifPresent(builder::authenticator);
        return made(builder);
    }

    /** Its selector takes over nothing from whoever wraps a client. */
    private static HttpClient made(HttpClient.Builder builder) {
        return SystemThreads.onOwn(builder::build);
    }

    private static HttpClient.Builder settings(HttpClient given) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .followRedirects(Redirect.NEVER)
                .version(given.version())
                .sslContext(given.sslContext())
                .sslParameters(given.sslParameters());
        given.connectTimeout().ifPresent(builder::connectTimeout);
        given.executor().ifPresent(builder::executor);
        return builder;
    }
}
