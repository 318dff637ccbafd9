import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import eu.chargetime.ocpp.JSONCommunicator;
import eu.chargetime.ocpp.JSONServer;
import eu.chargetime.ocpp.ServerEvents;
import eu.chargetime.ocpp.feature.profile.ServerCoreEventHandler;
import eu.chargetime.ocpp.feature.profile.ServerCoreProfile;
import eu.chargetime.ocpp.feature.profile.ServerRemoteTriggerProfile;
import eu.chargetime.ocpp.model.Confirmation;
import eu.chargetime.ocpp.model.Request;
import eu.chargetime.ocpp.model.SessionInformation;
import eu.chargetime.ocpp.model.core.*;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * A central system on Java-OCA-OCPP. Lines on standard input say what to ask the charge point, or
 * ask for the books; README.md of tests/peers says how.
 */
public class CentralSystem {
    static final String HOST = "127.0.0.1";
    static final int HEARTBEAT_INTERVAL_S = 300;
    static final int ANSWER_WITHIN_S = 10;
    static final String BLOCKED = "STOLEN";
    static final String REGISTER = "Energy.Active.Import.Register";

    static class Transaction {
        int id;
        int connector;
        String idTag;
        int meterStart;
        Integer meterStop;
        String reason;
        Double reading;
    }

    /** What the central system knows; Gson writes it as it is. */
    static class Books {
        int boots;
        Map<Integer, String> statuses = new TreeMap<>();
        List<Transaction> transactions = new ArrayList<>();
        List<String> dataTransfers = new ArrayList<>();

        Transaction transaction(Integer id) {
            for (Transaction transaction : transactions) {
                if (id != null && transaction.id == id) {
                    return transaction;
                }
            }
            throw new IllegalArgumentException("no transaction " + id);
        }
    }

    final Books books = new Books();
    final Gson gson = new Gson();
    final JSONCommunicator json = new JSONCommunicator(null);
    UUID session;

    static ZonedDateTime now() {
        return ZonedDateTime.now(ZoneOffset.UTC);
    }

    static IdTagInfo info(String idTag) {
        boolean blocked = BLOCKED.equals(idTag);
        return new IdTagInfo(blocked ? AuthorizationStatus.Blocked : AuthorizationStatus.Accepted);
    }

    class Answers implements ServerCoreEventHandler {
        @Override
        public AuthorizeConfirmation handleAuthorizeRequest(UUID s, AuthorizeRequest request) {
            return new AuthorizeConfirmation(info(request.getIdTag()));
        }

        @Override
        public BootNotificationConfirmation handleBootNotificationRequest(
                UUID s, BootNotificationRequest request) {
            synchronized (books) {
                books.boots += 1;
            }
            return new BootNotificationConfirmation(
                    now(), HEARTBEAT_INTERVAL_S, RegistrationStatus.Accepted);
        }

        @Override
        public DataTransferConfirmation handleDataTransferRequest(
                UUID s, DataTransferRequest request) {
            synchronized (books) {
                books.dataTransfers.add(request.getData());
            }
            return new DataTransferConfirmation(DataTransferStatus.Accepted);
        }

        @Override
        public HeartbeatConfirmation handleHeartbeatRequest(UUID s, HeartbeatRequest request) {
            return new HeartbeatConfirmation(now());
        }

        @Override
        public MeterValuesConfirmation handleMeterValuesRequest(
                UUID s, MeterValuesRequest request) {
            if (request.getTransactionId() == null) {
                return new MeterValuesConfirmation();
            }
            synchronized (books) {
                Transaction transaction = books.transaction(request.getTransactionId());
                for (MeterValue moment : request.getMeterValue()) {
                    for (SampledValue sample : moment.getSampledValue()) {
                        if (REGISTER.equals(sample.getMeasurand())) {
                            transaction.reading = Double.valueOf(sample.getValue());
                        }
                    }
                }
            }
            return new MeterValuesConfirmation();
        }

        @Override
        public StartTransactionConfirmation handleStartTransactionRequest(
                UUID s, StartTransactionRequest request) {
            Transaction transaction = new Transaction();
            transaction.connector = request.getConnectorId();
            transaction.idTag = request.getIdTag();
            transaction.meterStart = request.getMeterStart();
            synchronized (books) {
                transaction.id = books.transactions.size() + 1;
                books.transactions.add(transaction);
            }
            return new StartTransactionConfirmation(info(request.getIdTag()), transaction.id);
        }

        @Override
        public StatusNotificationConfirmation handleStatusNotificationRequest(
                UUID s, StatusNotificationRequest request) {
            synchronized (books) {
                books.statuses.put(request.getConnectorId(), request.getStatus().name());
            }
            return new StatusNotificationConfirmation();
        }

        @Override
        public StopTransactionConfirmation handleStopTransactionRequest(
                UUID s, StopTransactionRequest request) {
            synchronized (books) {
                Transaction transaction = books.transaction(request.getTransactionId());
                transaction.meterStop = request.getMeterStop();
                transaction.reason =
                        request.getReason() == null ? null : request.getReason().name();
            }
            return new StopTransactionConfirmation();
        }
    }

    class Sessions implements ServerEvents {
        @Override
        public void authenticateSession(
                SessionInformation information, String user, byte[] password) {}

        @Override
        public void newSession(UUID index, SessionInformation information) {
            session = index;
        }

        @Override
        public void lostSession(UUID index) {}
    }

    /** The package's class for a request, with the payload in it as the package reads it. */
    Request request(String action, JsonObject payload) throws Exception {
        String profile = action.equals("TriggerMessage") ? "remotetrigger" : "core";
        String name = "eu.chargetime.ocpp.model." + profile + "." + action + "Request";
        return json.unpackPayload(
                payload.toString(), Class.forName(name).asSubclass(Request.class));
    }

    String answer(JSONServer server, JsonObject line) {
        if (!line.has("action")) {
            synchronized (books) {
                return gson.toJson(Map.of("books", books));
            }
        }
        try {
            Request request =
                    request(line.get("action").getAsString(), line.getAsJsonObject("payload"));
            Confirmation confirmation = server.send(session, request)
                    .toCompletableFuture()
                    .get(ANSWER_WITHIN_S, TimeUnit.SECONDS);
            return "{\"answer\":" + json.packPayload(confirmation) + "}";
        } catch (Exception error) {
            return gson.toJson(Map.of("error", error.toString()));
        }
    }

    void serve() throws Exception {
        JSONServer server = new JSONServer(new ServerCoreProfile(new Answers()));
        server.addFeatureProfile(new ServerRemoteTriggerProfile());
        // The package does not tell the port that it got.
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            port = free.getLocalPort();
        }
        server.open(HOST, port, new Sessions());
        System.out.println(gson.toJson(Map.of("port", port)));

        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println(answer(server, JsonParser.parseString(line).getAsJsonObject()));
        }
        server.close();
    }

    public static void main(String[] arguments) throws Exception {
        new CentralSystem().serve();
        // The package's threads would keep the process.
        System.exit(0);
    }
}
