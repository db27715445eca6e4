using System.Text.Json;
using System.Text.Json.Serialization;
using Kneepoint.Studies;

namespace Kneepoint.App;

/// <summary>Where the network and the data of a study lay when it was run, so that a command about the study alone finds them again.</summary>
/// <remarks>Only read where they are the ones that the study describes, by their hashes; both can be named on the command line instead.</remarks>
/// <param name="Model">The model's full path.</param>
/// <param name="Data">The data's full path.</param>
sealed record StudySources(string Model, string Data)
{
    const string Entry = "sources";

    /// <summary>Reads them; null where an earlier version made the study.</summary>
    /// <exception cref="StudyStoreException">They are damaged.</exception>
    public static StudySources? Read(INamedBytes store)
    {
        if (store.Get(Entry) is not { } stored) return null;
        try
        {
            return JsonSerializer.Deserialize(stored, StudySourcesJson.Default.StudySources);
        }
        catch (JsonException exception)
        {
            throw new StudyStoreException("The study's record of its model and data is damaged: name them by --model and --data.", exception);
        }
    }

    /// <summary>Keeps them.</summary>
    public void Write(INamedBytes store) => store.Put(Entry, JsonSerializer.SerializeToUtf8Bytes(this, StudySourcesJson.Default.StudySources));
}

[JsonSerializable(typeof(StudySources))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
sealed partial class StudySourcesJson : JsonSerializerContext;
