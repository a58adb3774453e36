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
 * not an instance's address. Basic only, as the JDK's client. Belongs to one call; nothing is kept between calls.
 */
final class Passwords {
    static final String HEADER = "Authorization";

    private static final int MOST_TRIES = 3;
    private static final Pattern BASIC =
            Pattern.compile("(?:^|,)\\s*Basic\\b(?<rest>.*)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern REALM =
            Pattern.compile("\\brealm\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,]+))", Pattern.CASE_INSENSITIVE);
    private static final Pattern UTF_8 = Pattern.compile("\\bcharset\\s*=\\s*\"?UTF-8\"?", Pattern.CASE_INSENSITIVE);

    private final @Nullable Authenticator authenticator;
    private int tries;

    Passwords(@Nullable Authenticator authenticator) {
        this.authenticator = authenticator;
    }

    /**
     * The request once more with a password, or null when the answer is the caller's.
     *
     * @throws IOException when there is no password, or none that is accepted
     */
    @Nullable
    HttpRequest next(HttpRequest request, Answer answer) throws IOException {
        boolean isTheCallers =
                tries == 0 && request.headers().firstValue(HEADER).isPresent();
        if (authenticator == null || answer.status() != 401 || isTheCallers) {
            return null;
        }
        String challenge = null;
        for (String offered : answer.headers().allValues("WWW-Authenticate")) {
            Matcher basic = BASIC.matcher(offered);
            if (basic.find()) {
                challenge = basic.group("rest");
                break;
            }
        }
        if (challenge == null) {
            return null;
        }
        if (++tries > MOST_TRIES) {
            throw new IOException(request.uri().getHost() + " accepted none of " + MOST_TRIES + " passwords");
        }
        return HttpRequest.newBuilder(request, (name, value) -> !name.equalsIgnoreCase(HEADER))
                .setHeader(HEADER, "Basic " + password(authenticator, request.uri(), challenge))
                .build();
    }

    private static String password(Authenticator authenticator, URI uri, String challenge) throws IOException {
        Matcher realm = REALM.matcher(challenge);
        String name = !realm.find() ? null : realm.group(1) != null ? realm.group(1) : realm.group(2);
        PasswordAuthentication password = authenticator.requestPasswordAuthenticationInstance(
                uri.getHost(), null, uri.getPort(), uri.getScheme(), name, "Basic", uri.toURL(), RequestorType.SERVER);
        if (password == null) {
            throw new IOException("no password for " + uri.getHost());
        }
        Charset charset = UTF_8.matcher(challenge).find() ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        String pair = password.getUserName() + ":" + new String(password.getPassword());
        return Base64.getEncoder().encodeToString(pair.getBytes(charset));
    }
}
