using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Onnx;

/// <summary>Versions of operator sets and of the file format itself (IR).</summary>
/// <remarks>A model keeps its own versions; they are raised only as far as something in it needs.</remarks>
public static class Opsets
{
    /// <summary>The newest standard operator set that the runtime takes.</summary>
    public const int NewestStandard = 26;

    /// <summary>The newest IR version that the runtime takes.</summary>
    public const int NewestIr = 13;

    /// <summary>The domain of ONNX Runtime's own operators.</summary>
    public const string Microsoft = "com.microsoft";

    /// <summary>The version that a model imports of a domain; 0 where it imports none.</summary>
    /// <param name="model">The model.</param>
    /// <param name="domain">Empty or "ai.onnx" for the standard operators.</param>
    public static int Version(ModelProto model, string domain = "")
    {
        ArgumentNullException.ThrowIfNull(model);
        foreach (var import in model.OpsetImport)
        {
            if (Same(import.Domain, domain)) return (int)Math.Clamp(import.Version, 0, int.MaxValue);
        }

        // Files of IR versions before 3 state no operator sets: they mean version 1.
        return model.IrVersion < 3 && Same(domain, "") ? 1 : 0;
    }

    /// <summary>Imports a domain other than the standard one, or raises its version.</summary>
    /// <exception cref="ArgumentException">The domain is the standard one, whose operators change with the version, so that its nodes must be rewritten.</exception>
    public static void Import(ModelProto model, string domain, int version)
    {
        if (Same(domain, "")) throw new ArgumentException("The standard operators change with their version, so its nodes must be rewritten.", nameof(domain));
        StampVersion(model, domain, version);
    }

    /// <summary>Raises the IR version to at least the given one.</summary>
    public static void RaiseIr(ModelProto model, int version)
    {
        if (model.IrVersion < version) model.IrVersion = version;
    }

    /// <summary>The IR version that belongs to a standard operator set: the first that was published with it.</summary>
    public static int IrOf(int standardVersion) => standardVersion switch
    {
        <= 8 => 3,
        9 => 4,
        10 => 5,
        11 => 6,
        12 or 13 or 14 => 7,
        15 or 16 or 17 or 18 => 8,
        19 or 20 => 9,
        21 or 22 => 10,
        23 => 11,
        24 => 12,
        _ => 13,
    };

    internal static void StampVersion(ModelProto model, string domain, int version)
    {
        foreach (var import in model.OpsetImport)
        {
            if (!Same(import.Domain, domain)) continue;
            import.Version = Math.Max(import.Version, version);
            return;
        }

        model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
    }

    static bool Same(string domain, string other) => domain == other || (domain is "" or "ai.onnx" && other is "" or "ai.onnx");
}
