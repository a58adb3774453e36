// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import java.io.IOException;
import java.net.Authenticator;
import java.net.Authenticator.RequestorType;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers a service's 401 with the password of the caller's {@link Authenticator}, which is asked about the service's name,
 * not an instance's address. Basic only, as the JDK's client. Belongs to one call; what was accepted is kept for later ones
 * in {@link AcceptedPasswords}.
 */
final class Passwords {
    static final String HEADER = "Authorization";

    /** As often as the JDK's client sends another one. */
    private static final int MOST_TRIES = 1 + Integer.getInteger("jdk.httpclient.auth.retrylimit", 3);

    private static final Pattern BASIC =
            Pattern.compile("(?:^|,)\\s*Basic\\b(?<rest>.*)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern REALM =
            Pattern.compile("\\brealm\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,]+))", Pattern.CASE_INSENSITIVE);
    private static final Pattern UTF_8 = Pattern.compile("\\bcharset\\s*=\\s*\"?UTF-8\"?", Pattern.CASE_INSENSITIVE);

    private final @Nullable Authenticator authenticator;
    private final AcceptedPasswords accepted;
    private int tries;
    /** What the next hop is to try. */
    private @Nullable String next;
    /** What the hop under way was sent with. */
    private @Nullable String sent;

    Passwords(@Nullable Authenticator authenticator, AcceptedPasswords accepted) {
        this.authenticator = authenticator;
        this.accepted = accepted;
    }

    /** What the hop is to be sent with beside its own headers, or null. It is not shown to the caller. */
    @Nullable
    String header(HttpRequest request) {
        boolean isOurs = authenticator != null && !hasOwn(request);
        String header = next != null ? next : isOurs ? accepted.under(request.uri()) : null;
        next = null;
        sent = header;
        return header;
    }

    /**
     * Whether the request is to be sent once more, with a password; else the answer is the caller's.
     *
     * @throws IOException when there is no password, or none that is accepted
     */
    boolean next(HttpRequest request, Answer answer) throws IOException {
        String password = sent;
        if (authenticator == null || hasOwn(request)) {
            return false;
        }
        if (answer.status() != 401) {
            if (password != null) {
                accepted.add(request.uri(), password);
            }
            return false;
        }
        if (password != null) {
            accepted.remove(request.uri(), password);
            tries = Math.max(tries, 1);
        }
        String challenge = challenge(answer);
        if (challenge == null) {
            return false;
        }
        if (++tries > MOST_TRIES) {
            throw new IOException(request.uri().getHost() + " accepted none of " + MOST_TRIES
                    + " passwords (expected: an authenticator that knows the right one)");
        }
        next = "Basic " + password(authenticator, request.uri(), challenge);
        return true;
    }

    private static boolean hasOwn(HttpRequest request) {
        return request.headers().firstValue(HEADER).isPresent();
    }

    private static @Nullable String challenge(Answer answer) {
        for (String offered : answer.headers().allValues("WWW-Authenticate")) {
            Matcher basic = BASIC.matcher(offered);
            if (basic.find()) {
                return basic.group("rest");
            }
        }
        return null;
    }

    private static String password(Authenticator authenticator, URI uri, String challenge) throws IOException {
        Matcher realm = REALM.matcher(challenge);
        String name = !realm.find() ? null : realm.group(1) != null ? realm.group(1) : realm.group(2);
        PasswordAuthentication password = authenticator.requestPasswordAuthenticationInstance(
                uri.getHost(), null, uri.getPort(), uri.getScheme(), name, "Basic", uri.toURL(), RequestorType.SERVER);
        if (password == null) {
            throw new IOException("no password for " + uri.getHost() + " (expected: an authenticator that has one)");
        }
        Charset charset = UTF_8.matcher(challenge).find() ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        String pair = password.getUserName() + ":" + new String(password.getPassword());
        return Base64.getEncoder().encodeToString(pair.getBytes(charset));
    }
}
